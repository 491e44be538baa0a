// What the client does with his WEB-token on this device: look for it, open by PIN, register, revoke.

import { connection, tell, token, view } from "./app";
import { submitDocument } from "./cabinet";
import type { Answer } from "./link/requests";
import { instant } from "./view/figures";
import { CONNECT } from "./view/numbers";
import { type Registration, standing } from "./view/webtoken";
import type { Refusal, SubmittedCps } from "./wire";

/** Which tokens of the client this browser keeps. */
export async function lookForToken(): Promise<void> {
  const { user } = view.peek();
  tell({ is: "tokensKept", ids: user ? await token.have(user.clientId) : [] });
}

/** Whether that session, which is open, is good for trading orders. */
export async function askScope(session: number): Promise<void> {
  const answer = await connection.request("getAuthInfo", {});
  if (answer.ok) tell({ is: "scope", session, trade: answer.result.trade });
}

/** Whether this browser can keep a token at all. */
export async function askSupport(): Promise<void> {
  if (view.peek().token.support === null) tell({ is: "tokenSupport", support: await token.support() });
}

/** Opens the session by the token of this device. */
export async function enterPin(pin: string): Promise<void> {
  const at = standing(view.peek());
  if (at.is !== "here" || view.peek().token.entry.is === "checking") return;
  const { user } = view.peek();
  tell({ is: "pinEntered" });
  const said = await token.open(at.tokenId, pin);
  if (view.peek().user?.loginId !== user?.loginId) return token.drop(); // the client has left meanwhile
  tell({ is: "pinAnswered", said, at: connection.clock.now() });
  if (said.is === "absent") await lookForToken();
  if (said.is !== "opened") await connection.refreshMeans();
}

export async function generateKeys(): Promise<void> {
  register({ is: "generating" });
  const said = await token.generate();
  switch (said.is) {
    case "generated":
      register({
        is: "generated",
        publicKey: said.publicKey,
        until: instant(said.expiresAt) ?? 0,
        trouble: null,
      });
      return forgetOthers(said.tokenId);
    case "refused":
    case "lost":
      return register({ is: "refused", refusal: said.refusal });
    case "broken":
      return register({ is: "broken" });
  }
}

/** Encrypts the new private key by the PIN. */
export async function protectKey(pin: string): Promise<void> {
  const { registration } = view.peek().token;
  if (registration.is !== "generated") return;
  const { publicKey, until } = registration;
  register({ is: "protecting", publicKey, until });
  const said = await token.protect(pin);
  switch (said.is) {
    case "protected":
      return register({ is: "protected", publicKey, until, data: said.data, fingerprint: said.fingerprint });
    case "badPin": // the form does not let it through
      return register({ is: "generated", publicKey, until, trouble: null });
    case "lost":
      return register({ is: "generated", publicKey, until, trouble: said.refusal });
    case "refused":
      return register({ is: "refused", refusal: said.refusal });
    case "absent":
    case "broken":
      return register({ is: "broken" });
  }
}

/** Submits the order «Подключить WEB-токен»; a code by SMS signs it. */
export async function submitToken(): Promise<Answer<SubmittedCps> | null> {
  const { registration } = view.peek().token;
  if (registration.is !== "protected") return null;
  const answer = await submitDocument(CONNECT, { ...registration.data });
  if (answer.ok) {
    register({ is: "none" });
    await lookForToken();
  }
  return answer;
}

export function restartRegistration(): void {
  register({ is: "none" });
}

/** At once and without a signature: the device is lost. */
export async function revokeToken(tokenId: number): Promise<Refusal | null> {
  const answer = await connection.request("webTokenRevoke", { tokenId });
  return answer.ok ? null : answer.refusal;
}

function register(now: Registration): void {
  tell({ is: "registration", now });
}

/** Of registrations that came to nothing, and of tokens that have ended; the one that still works stays until it is replaced. */
async function forgetOthers(fresh: number): Promise<void> {
  const { user } = view.peek();
  const at = standing(view.peek());
  if (!user || at.is === "unknown") return;
  const works = "tokenId" in at ? at.tokenId : 0;
  for (const id of await token.have(user.clientId)) {
    if (id !== fresh && id !== works) await token.forget(id);
  }
}
