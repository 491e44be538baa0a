// The journal: everything that happened, newest first, with times.

import { useEffect } from "preact/hooks";
import { now, tell, view } from "../app";
import { dialog, t } from "../ui";
import { type Notice, weight } from "../view/journal";
import { Dialog } from "./Dialog";
import { dayText, sameDay, secondsText } from "./format";
import { sentenceOf } from "./sentences";

export function JournalDrawer() {
  const j = t().journal;
  const { user, journal } = view.value;
  const { notices, unread } = journal;
  const shown = notices.filter(n => n.is !== "event" || weight(n.told, user?.loginId) !== "hidden");
  const newest = shown.sort((a, b) => b.at - a.at || b.id - a.id);
  useEffect(() => {
    if (unread > 0) tell({ is: "journalRead" });
  }, [unread]);
  return (
    <Dialog
      kind="drawer"
      title={j.title}
      onClose={() => {
        dialog.value = null;
      }}
    >
      {newest.length === 0 && <p class="muted">{j.empty}</p>}
      <ol class="journal">
        {newest.map((notice, i) => (
          <JournalLine key={notice.id} notice={notice} before={newest[i - 1]} />
        ))}
      </ol>
    </Dialog>
  );
}

function JournalLine({ notice, before }: { notice: Notice; before: Notice | undefined }) {
  const { text, next, tone } = sentenceOf(notice, view.value, now.peek());
  const newDay = !sameDay(notice.at, before?.at ?? now.peek());
  return (
    <>
      {newDay && <li class="journal-day">{dayText(notice.at)}</li>}
      <li class={`journal-line tone-${tone}`}>
        <time class="figures">{secondsText(notice.at)}</time>
        <div>
          <p>{text}</p>
          {next && tone === "bad" && <p class="muted">{next}</p>}
        </div>
      </li>
    </>
  );
}
