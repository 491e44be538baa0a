// What is wrong with the password by SMS: a wrong code with the attempts left, or a refusal.

import { t } from "../ui";
import type { PasscodePanel } from "../view/passcode";
import { Message } from "./Message";
import { Refused } from "./Refused";
import { refusalText } from "./sentences";

export function SmsTrouble({ panel }: { panel: PasscodePanel }) {
  const p = t().panel;
  if (panel.entry === "wrong") {
    return (
      <Message tone="bad" loud title={p.wrong}>
        <p>{panel.spent ? p.spent : panel.left !== null && p.left(panel.left)}</p>
      </Message>
    );
  }
  return panel.trouble && <Refused said={refusalText(panel.trouble)} />;
}
