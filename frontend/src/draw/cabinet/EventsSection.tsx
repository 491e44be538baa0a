// What has happened to the client's security, in words.

import { now, view } from "../../app";
import { loadSecurity } from "../../cabinet";
import { t } from "../../ui";
import { weight } from "../../view/journal";
import type { Told } from "../../view/told";
import { dayText, sameDay, secondsText } from "../format";
import { toldSentence } from "../sentences";
import { loginText } from "./DocumentsSection";
import { PagesFoot, usePages } from "./pages";

export function EventsSection() {
  const s = t().security;
  const pages = usePages(loadSecurity);
  const { security, user } = view.value;
  const all = security.events ?? [];
  const shown = all.filter(told => weight(told, user?.loginId) !== "hidden");
  return (
    <>
      <p class="lead">{s.lead}</p>
      {shown.length === 0 && pages.state.value.is === "idle" && <p class="muted">{s.none}</p>}
      <ol class="journal">
        {shown.map((told, i) => (
          <EventLine key={told.seq} told={told} before={shown[i - 1]} />
        ))}
      </ol>
      <PagesFoot pages={pages} more={security.more} last={all.at(-1)?.seq ?? null} />
    </>
  );
}

function EventLine({ told, before }: { told: Told; before: Told | undefined }) {
  const { text, tone } = toldSentence(told, view.value, now.peek());
  const newDay = before === undefined || !sameDay(told.at, before.at);
  const where = whereText(told);
  return (
    <>
      {newDay && <li class="journal-day">{dayText(told.at)}</li>}
      <li class={`journal-line tone-${tone}`}>
        <time class="figures">{secondsText(told.at)}</time>
        <div>
          <p>{text}</p>
          {where && <p class="muted">{where}</p>}
        </div>
      </li>
    </>
  );
}

/** A login names its device already; what an operator or time has done has none. */
function whereText(told: Told): string | null {
  if (told.name === "login.opened") return told.data.address ?? null;
  if (told.name === "login.renewed" || told.name === "login.closed") return null;
  if (told.name === "document.drafted") {
    const { loginId } = told.data.document;
    return loginId === 0 ? told.data.document.reason : loginText(loginId);
  }
  const login = "login" in told.data ? told.data.login : undefined;
  return login === undefined || login === 0 ? null : loginText(login);
}
