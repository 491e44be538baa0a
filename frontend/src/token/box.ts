// The box that holds the private key: all that the token does, with the world brought from outside. It runs in a worker, so
// that the page never has a handle of S.

import type { Bytes } from "./bytes";
import { CHALLENGE, Fault, fromBase64url, POINT, toBase64url } from "./bytes";
import type { Send } from "./commands";
import { newKeys, publicBytes, sign, unwrap, wrap } from "./keys";
import {
  evaluateOpenMessage,
  evaluateRegisterMessage,
  fingerprint,
  type Header,
  type Opened,
  openMessage,
  oprfInput,
  orderMessage,
  type PublicKeys,
  registerMessage,
} from "./messages";
import { blind } from "./oprf";
import { persistently } from "./persistently";
import { isPin, pinTrouble } from "./pin";
import { type Generated, notDone, type OpenedByPin, type Protected, type Signed } from "./said";
import type { Store, TokenRecord } from "./store";

export interface World {
  subtle: SubtleCrypto;
  random(n: number): Bytes;
  store: Store;
  /** One holder at a time in all tabs of this browser; the others wait. */
  lock<T>(name: string, work: () => Promise<T>): Promise<T>;
  send: Send;
  pause(ms: number): Promise<void>;
}

/** A registration that is under way. */
interface Fresh {
  header: Header;
  keys: { S: CryptoKeyPair; D: CryptoKeyPair; R: CryptoKeyPair };
  pub: PublicKeys;
}

export class Box {
  private fresh: Fresh | null = null;
  private session: (Opened & { S: CryptoKey }) | null = null;

  constructor(private readonly world: World) {}

  have(clientId: number): Promise<number[]> {
    return this.world.store.tokensOf(clientId);
  }

  forget(tokenId: number): Promise<void> {
    return this.alone(tokenId, () => this.world.store.forget(tokenId));
  }

  /** Makes the keys and begins a registration; the one before is given up. Not repeated by itself: the server counts it. */
  async generate(): Promise<Generated> {
    const { subtle, send } = this.world;
    this.fresh = null;
    const keys = { S: await newKeys(subtle, true), D: await newKeys(subtle), R: await newKeys(subtle) };
    const pub = {
      S: await publicBytes(subtle, keys.S),
      D: await publicBytes(subtle, keys.D),
      R: await publicBytes(subtle, keys.R),
    };
    const answer = await send("webTokenBegin", inBase64url(pub));
    if (!answer.ok) return notDone(answer);
    const { tokenId, clientId, loginId, challenge, expiresAt } = answer.result;
    const header = { clientId, tokenId, loginId, challenge: fromBase64url(challenge, CHALLENGE) };
    this.fresh = { header, keys, pub };
    return { is: "generated", tokenId, publicKey: toBase64url(pub.S), expiresAt };
  }

  /** Encrypts S by the PIN, keeps it, and proves all keys. After that the order is to be submitted, with this data. */
  async protect(pin: string): Promise<Protected> {
    const { subtle, random, store } = this.world;
    const trouble = pinTrouble(pin);
    if (trouble) return { is: "badPin", trouble };
    if (!this.fresh) return { is: "absent" };
    const { header, keys, pub } = this.fresh;
    const { clientId, tokenId } = header;

    const blinded = blind(oprfInput(tokenId, pin));
    const sigD = await sign(subtle, "D", keys.D.privateKey, evaluateRegisterMessage(header, blinded.b));
    const asked = { tokenId, challenge: toBase64url(header.challenge), b: toBase64url(blinded.b), sigD };
    const answer = await persistently(this.world, () => this.world.send("webTokenEvaluate", asked));
    if (!answer.ok) return notDone(answer);

    const owner = { clientId, tokenId, sPub: pub.S };
    const output = blinded.finalize(fromBase64url(answer.result.e, POINT));
    const wrapped = await wrap(subtle, random, keys.S.privateKey, output, owner);
    const registration = registerMessage(header, pub);
    const data = {
      tokenId,
      challenge: toBase64url(header.challenge),
      ...inBase64url(pub),
      sigS: await sign(subtle, "S", keys.S.privateKey, registration),
      sigD: await sign(subtle, "D", keys.D.privateKey, registration),
    };
    await store.put({ ...owner, ...wrapped, D: keys.D, R: keys.R });
    this.fresh = null; // with the last handle of S that could be exported
    return { is: "protected", data, fingerprint: await fingerprint(subtle, registration) };
  }

  /** Two tabs at once would look like a copy of the device: one lock is held from the challenge to the end. */
  async open(tokenId: number, pin: string): Promise<OpenedByPin> {
    if (!isPin(pin)) return { is: "badPin", trouble: "digits" };
    return this.alone(tokenId, async () => {
      const record = await this.world.store.get(tokenId);
      return record ? this.openWith(record, pin) : { is: "absent" };
    });
  }

  /** By the S of the open session only. payload: the very text that is sent. */
  async sign(userOrderId: string, payload: string, sessionId: number): Promise<Signed> {
    const { session } = this;
    if (session?.sessionId !== sessionId) return { is: "absent" };
    const message = orderMessage(session, userOrderId, payload);
    return { is: "signed", sigS: await sign(this.world.subtle, "S", session.S, message) };
  }

  /** That session is over: its S is given up. Without a session, the client has left: all that is not on the disk is. */
  drop(sessionId?: number): void {
    if (sessionId === undefined) this.fresh = null;
    if (sessionId === undefined || this.session?.sessionId === sessionId) this.session = null;
  }

  private async openWith(record: TokenRecord, pin: string): Promise<OpenedByPin> {
    const { subtle, send } = this.world;
    const { clientId, tokenId } = record;
    const challenged = await persistently(this.world, () => send("webTokenChallenge", { tokenId }));
    if (!challenged.ok) return notDone(challenged);
    const { loginId, failuresSinceLastSuccess } = challenged.result;
    const header = {
      clientId,
      tokenId,
      loginId,
      challenge: fromBase64url(challenged.result.challenge, CHALLENGE),
    };

    const blinded = blind(oprfInput(tokenId, pin));
    const evaluated = await this.evaluate(record, header, blinded.b);
    if (!evaluated.ok) return notDone(evaluated);
    await this.settle(record, evaluated.result.matched); // before anything else, whatever the PIN

    const S = await unwrap(subtle, record, blinded.finalize(fromBase64url(evaluated.result.e, POINT)));
    if (!S) return { is: "wrongPin", attemptsLeft: evaluated.result.attemptsLeft };
    return this.openBy(S, record, header, failuresSinceLastSuccess);
  }

  /** Asks for the server's function of the PIN. Signed by every ratchet key that the server may have. */
  private async evaluate(record: TokenRecord, header: Header, b: Bytes) {
    const { subtle, send } = this.world;
    const { tokenId, D, R, RPend } = record;
    const message = evaluateOpenMessage(header, b);
    const asked = {
      tokenId,
      challenge: toBase64url(header.challenge),
      b: toBase64url(b),
      sigD: await sign(subtle, "D", D.privateKey, message),
      sigR: await sign(subtle, "R", R.privateKey, message),
      ...(RPend && { sigRPend: await sign(subtle, "R", RPend.privateKey, message) }),
    };
    return persistently(this.world, () => send("webTokenEvaluate", asked));
  }

  /** The server has said which key it has: that one is R, and there is no other, in one transaction. */
  private async settle(record: TokenRecord, matched: string): Promise<void> {
    if (matched !== "r" && !(matched === "pend" && record.RPend)) {
      throw new Fault("the server did not say which ratchet key it has");
    }
    await this.world.store.update(record.tokenId, ({ RPend, ...kept }) =>
      matched === "pend" && RPend ? { ...kept, R: RPend } : kept,
    );
  }

  /** The next ratchet key is on the disk before the server hears of it: from then on either may be the server's. */
  private async openBy(
    S: CryptoKey,
    record: TokenRecord,
    header: Header,
    failures: number,
  ): Promise<OpenedByPin> {
    const { subtle, store, send } = this.world;
    const { clientId, tokenId } = record;
    const RPend = await newKeys(subtle);
    const pending = await store.update(tokenId, r => ({ ...r, RPend }));

    const rNext = await publicBytes(subtle, RPend);
    const dHash = new Uint8Array(await subtle.digest("SHA-256", await publicBytes(subtle, record.D)));
    const sigS = await sign(subtle, "S", S, openMessage(header, rNext, dHash));
    const challenge = toBase64url(header.challenge);
    const asked = { safetyTypeId: 7, tokenId, challenge, rNextPub: toBase64url(rNext), sigS } as const;
    const answer = await persistently(this.world, () => send("openSecuritySession", asked));
    if (!answer.ok) return notDone(answer);

    const sessionId = answer.result.id;
    if (!answer.result.success || sessionId === undefined)
      throw new Fault("the server did not name the session");
    this.session = { clientId, tokenId, loginId: header.loginId, sessionId, S };
    // The session is open. If this write fails, the next opening finds out which key it is, as after a crash.
    await this.settle(pending, "pend").catch(() => {});
    return { is: "opened", sessionId, failures };
  }

  private alone<T>(tokenId: number, work: () => Promise<T>): Promise<T> {
    return this.world.lock(`wt1:${tokenId}`, work);
  }
}

function inBase64url(pub: PublicKeys): { sPub: string; dPub: string; rPub: string } {
  return { sPub: toBase64url(pub.S), dPub: toBase64url(pub.D), rPub: toBase64url(pub.R) };
}
