// A refusal where it happened: what it means, and what to do next.

import type { ComponentChildren } from "preact";
import { Message } from "./Message";

interface Props {
  /** The refusal in words. */
  said: { what: string; next: string | null };
  /** Beside what to do next: the way to do it. */
  children?: ComponentChildren;
}

export function Refused({ said: { what, next }, children }: Props) {
  return (
    <Message tone="bad" loud title={what}>
      {next && <p>{next}</p>}
      {children}
    </Message>
  );
}
