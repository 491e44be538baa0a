// SMS: ask for the one-time password, enter it, open the session.

import { now, view } from "../app";
import { askForPasscode, enterCode } from "../passcodes";
import { t } from "../ui";
import { SMS } from "../view/numbers";
import { meansRow } from "../view/passcode";
import { isStale } from "../view/view";
import { CodeEntry, isBlocked } from "./CodeEntry";
import { DevPhone } from "./DevPhone";
import { Message } from "./Message";

export function SmsTab() {
  const p = t().panel;
  const { passcode, means } = view.value;
  const row = meansRow(means, SMS);
  if (row?.disconnected) return <Message tone="warn" title={p.disconnected} />;
  if (row && !row.enabled && !isBlocked(passcode, now.value))
    return <Message tone="warn" title={p.noPhone} />;
  return (
    <>
      <CodeEntry
        panel={passcode}
        phone={row?.phone}
        submit={p.submit}
        offline={isStale(view.value)}
        onAsk={() => void askForPasscode()}
        onEnter={code => void enterCode(code)}
      />
      <DevPhone />
    </>
  );
}
