// What an act will do, before it is done.

import { VOICE_PASSWORD, WEB_TOKEN } from "../../view/numbers";
import { type Act, needsCheck, protects } from "../acts";
import { view } from "../app";
import { meansText } from "../sentences";
import { w } from "../words";

export function ActLead({ act }: { act: Act }) {
  const a = w().acts;
  if (act.is === "disconnect" && act.means === WEB_TOKEN) return <p class="lead">{a.disconnectTokenLead}</p>;
  if (act.is === "disconnect") return <p class="lead">{a.disconnectLead(meansText(act.means))}</p>;
  if (act.is === "revokeToken") return <p class="lead">{a.revokeLead}</p>;
  if (act.is === "closeSessions") return <p class="lead">{a.closeLead(openSessions())}</p>;
  const phone = !protects(act) && act.is !== "restore";
  return (
    <p class="lead">
      {!needsCheck(act) && act.is === "restore" && act.means === VOICE_PASSWORD && `${a.voiceOffice} `}
      {a.willWait} {phone && a.oldIsTold}
    </p>
  );
}

function openSessions(): number {
  return view.value.client?.card?.logins.filter(l => l.session !== null).length ?? 0;
}
