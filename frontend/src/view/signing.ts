// The signature of this login's own draft: one waits at most, a newer one takes its place.

import type { CodeRequested } from "../wire";
import { instant } from "./figures";
import { noPasscode, type PasscodePanel, passcodeAfter, passcodeAfterAnswer, type Sent } from "./passcode";
import type { Happening, Told } from "./told";

export interface Signing {
  /** The document; 0: none was submitted. */
  id: number;
  panel: PasscodePanel;
}

export const noSigning: Signing = { id: 0, panel: noPasscode };

export function signingAfter(signing: Signing, told: Told, login: number | undefined): Signing {
  switch (told.name) {
    case "document.drafted": {
      const { id, loginId } = told.data.document;
      return loginId === 0 || loginId !== login ? signing : begun(signing, id);
    }
    case "document.accepted":
    case "document.cancelled":
      return told.data.id === signing.id ? { ...signing, panel: cleared(signing.panel) } : signing;
    default: {
      const panel = passcodeAfter(signing.panel, told, login, "document");
      return panel === signing.panel ? signing : { ...signing, panel };
    }
  }
}

export function signingAfterAnswer(signing: Signing, h: Happening, login: number | undefined): Signing {
  switch (h.is) {
    case "submitted": {
      const on = begun(signing, h.document.id);
      const sent = sentOf(h.code);
      return { ...on, panel: { ...on.panel, sent, repeatAt: sent?.repeatAt ?? on.panel.repeatAt } };
    }
    case "documents": {
      const own = h.drafts.find(d => d.document.loginId !== 0 && d.document.loginId === login);
      const repeatAt = instant(h.repeatAt);
      if (!own) return { ...signing, panel: { ...signing.panel, repeatAt } };
      const on = begun(signing, own.document.id);
      if (!own.pending) return { ...on, panel: { ...on.panel, repeatAt } };
      const { number, expiresAt } = own.pending;
      const sent = { number, phone: h.phone, repeatAt: repeatAt ?? 0, expiresAt: instant(expiresAt) ?? 0 };
      return { ...on, panel: { ...on.panel, repeatAt, sent: on.panel.sent ?? sent } };
    }
    default: {
      const panel = passcodeAfterAnswer(signing.panel, h, "document");
      return panel === signing.panel ? signing : { ...signing, panel };
    }
  }
}

/** The draft whose code is being entered stays as it is; another one starts afresh. */
function begun(signing: Signing, id: number): Signing {
  return signing.id === id ? signing : { id, panel: cleared(signing.panel) };
}

function cleared(panel: PasscodePanel): PasscodePanel {
  return { ...noPasscode, blocked: panel.blocked };
}

function sentOf(code: CodeRequested | null): Sent | null {
  if (!code?.isSent) return null;
  const { number, phone, repeatAt, expiresAt } = code;
  return { number, phone, repeatAt: instant(repeatAt) ?? 0, expiresAt: instant(expiresAt) ?? 0 };
}
