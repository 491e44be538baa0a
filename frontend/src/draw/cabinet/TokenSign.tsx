// The signature by WEB-token: one button, no code.

import { isAtHand, signByToken } from "../../cabinet";
import { t } from "../../ui";
import type { Doc } from "../../view/documents";
import type { Refusal } from "../../wire";
import { ActButton } from "../ActButton";
import { Message } from "../Message";

interface Props {
  doc: Doc;
  danger: boolean;
  /** Why it was not signed when it was submitted. */
  refused: Refusal | null;
}

export function TokenSign({ doc, danger, refused }: Props) {
  const { sign, cabinet } = t();
  if (!isAtHand(doc.id)) {
    return (
      <Message tone="warn" title={sign.notAtHand}>
        <p>{sign.notAtHandNext}</p>
      </Message>
    );
  }
  return (
    <div class="means-ask">
      <p class="muted">{sign.byToken}</p>
      <ActButton
        look={`button-wide ${danger ? "button-danger" : "button-primary"}`}
        name={cabinet.signByToken}
        busyName={cabinet.signing}
        act={() => signByToken(doc.id)}
        refused={refused}
      />
    </div>
  );
}
