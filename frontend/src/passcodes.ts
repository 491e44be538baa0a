// Asking for a one-time password and entering it.

import { connection, tell } from "./app";

export async function askForPasscode(): Promise<void> {
  tell({ is: "passcodeAsked" });
  const answer = await connection.request("getSecuritySessionCode", {});
  if (answer.ok) {
    const { isSent, texts } = answer.result;
    tell({ is: "passcodeAnswered", refusal: null, error: isSent ? null : texts.error });
  } else {
    tell({ is: "passcodeAnswered", refusal: answer.refusal, error: null });
  }
}

export async function enterCode(code: string): Promise<void> {
  tell({ is: "codeEntered" });
  const answer = await connection.request("checkSecuritySessionCode", { validationKey: code });
  if (!answer.ok) {
    tell({ is: "codeAnswered", right: false, left: null, more: true, refusal: answer.refusal });
    return;
  }
  const { success, isAttemptAvailable, attemptsLeft } = answer.result;
  tell({
    is: "codeAnswered",
    right: success,
    left: attemptsLeft ?? null,
    more: isAttemptAvailable,
    refusal: null,
  });
}
