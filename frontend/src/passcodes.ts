// Asking for a one-time password and entering it: to open a session, or to sign a document.

import { connection, tell } from "./app";
import type { Answer } from "./link/requests";
import type { Purpose } from "./view/passcode";
import type { CodeAnswer } from "./view/told";
import type { CodeRequested } from "./wire";

export function askForPasscode(): Promise<void> {
  return asked("session", connection.request("getSecuritySessionCode", {}));
}

export function askForSignature(id: number): Promise<void> {
  return asked("document", connection.request("getCpsCode", { id }));
}

export function enterCode(code: string): Promise<CodeAnswer> {
  return entered("session", connection.request("checkSecuritySessionCode", { validationKey: code }));
}

export function sign(id: number, code: string): Promise<CodeAnswer> {
  return entered("document", connection.request("signCps", { id, validationKey: code }));
}

async function asked(purpose: Purpose, request: Promise<Answer<CodeRequested>>): Promise<void> {
  tell({ is: "passcodeAsked", purpose });
  const answer = await request;
  if (answer.ok) {
    const { isSent, texts } = answer.result;
    tell({ is: "passcodeAnswered", purpose, refusal: null, error: isSent ? null : texts.error });
  } else {
    tell({ is: "passcodeAnswered", purpose, refusal: answer.refusal, error: null });
  }
}

interface Checked {
  success: boolean;
  isAttemptAvailable: boolean;
  attemptsLeft: number;
}

async function entered(purpose: Purpose, request: Promise<Answer<Checked>>): Promise<CodeAnswer> {
  tell({ is: "codeEntered", purpose });
  const said = read(await request);
  tell({ is: "codeAnswered", purpose, ...said });
  return said;
}

function read(answer: Answer<Checked>): CodeAnswer {
  if (!answer.ok) return { right: false, left: null, more: true, refusal: answer.refusal };
  const { success, isAttemptAvailable, attemptsLeft } = answer.result;
  return { right: success, left: attemptsLeft ?? null, more: isAttemptAvailable, refusal: null };
}
