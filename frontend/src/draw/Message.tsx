// A framed sentence: what happened, and what to do next.

import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./Icon";

export type Tone = "note" | "good" | "warn" | "bad";

const icons: Record<Tone, IconName> = { note: "info", good: "check", warn: "alert", bad: "alert" };

interface Props {
  tone: Tone;
  title: ComponentChildren;
  /** Announced at once; otherwise when the reader is idle. */
  loud?: boolean;
  children?: ComponentChildren;
}

export function Message({ tone, title, loud = false, children }: Props) {
  return (
    <div class={`message message-${tone}`} role={loud ? "alert" : undefined}>
      <Icon name={icons[tone]} />
      <div>
        <p class="message-title">{title}</p>
        {children}
      </div>
    </div>
  );
}
