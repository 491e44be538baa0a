// Events as they happen, in a corner, gone by themselves.

import { useEffect } from "preact/hooks";
import { now, tell, view } from "../app";
import { t } from "../ui";
import type { Notice, Weight } from "../view/journal";
import { Icon, type IconName } from "./Icon";
import { sentenceOf } from "./sentences";

const icons: Record<Weight, IconName> = {
  hidden: "info",
  quiet: "info",
  note: "info",
  good: "check",
  warn: "alert",
  bad: "alert",
};
const lasts: Record<Weight, number> = {
  hidden: 0,
  quiet: 5_000,
  note: 6_000,
  good: 6_000,
  warn: 15_000,
  bad: 20_000,
};

export function Toasts() {
  const { notices, toasts } = view.value.journal;
  const shown = toasts.map(id => notices.find(n => n.id === id)).filter(n => n !== undefined);
  return (
    <section class="toasts" aria-label={t().journal.region} aria-live="polite" aria-relevant="additions">
      {shown.map(notice => (
        <Toast key={notice.id} notice={notice} />
      ))}
    </section>
  );
}

function Toast({ notice }: { notice: Notice }) {
  const { text, next, tone } = sentenceOf(notice, view.value, now.peek());
  useEffect(() => {
    const timer = setTimeout(() => tell({ is: "toastClosed", id: notice.id }), lasts[tone]);
    return () => clearTimeout(timer);
  }, [notice.id, tone]);
  return (
    <div class={`toast toast-${tone}`}>
      <Icon name={icons[tone]} />
      <div>
        <p>{text}</p>
        {next && <p class="muted">{next}</p>}
      </div>
      <button
        type="button"
        class="icon-button"
        aria-label={t().journal.dismiss}
        onClick={() => tell({ is: "toastClosed", id: notice.id })}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
