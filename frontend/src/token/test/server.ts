// The server's rules of the protocol's table for one client, without time limits of a day, sessions' ends and the operator.
// Each message is one step, as each is one transaction there.

import { createHash, createPublicKey, randomBytes, verify } from "node:crypto";
import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import type { Answer } from "../../link/requests";
import { iso, NOON } from "../../test/told";
import { type Bytes, CHALLENGE, fromBase64url, KEY, POINT, toBase64url, utf8 } from "../bytes";
import type { Registration, TokenCommand, TokenCommands } from "../commands";
import {
  evaluateOpenMessage,
  evaluateRegisterMessage,
  type Header,
  type Message,
  type Opened,
  openMessage,
  orderMessage,
  registerMessage,
} from "../messages";

export const CLIENT = 100001;
export const LOGIN = 17;
const SECOND = 1000;

interface Challenge {
  nonce: string;
  login: number;
  until: number;
  /** The blinded PIN that was evaluated for it. */
  b?: string;
  /** The ratchet key of the opening that used it, and its session. */
  next?: string;
  session?: number;
}

export interface ServerToken {
  id: number;
  state: "pending" | "active" | "locked" | "revoked" | "clone_suspected";
  sPub: string;
  dPub: string;
  rPub: string;
  oprfKey: Bytes;
  attempts: number;
  failures: number;
  evaluations: number;
  challenges: Challenge[];
}

type Params<K extends TokenCommand> = TokenCommands[K]["params"];

export class FakeServer {
  now = NOON;
  readonly tokens = new Map<number, ServerToken>();
  private lastId = 41;
  private lastSession = 9000;

  answer(cmd: TokenCommand, params: never, login = LOGIN): Answer<never> {
    try {
      return { ok: true, result: structuredClone(this[cmd](params, login)) as never };
    } catch (e) {
      if (!(e instanceof Refused)) throw e;
      return {
        ok: false,
        lost: false,
        refusal: { error: e.reason, errMsg: e.reason, code: 12, reason: e.reason },
      };
    }
  }

  /** submitCps of order 190, and its signature by SMS. */
  connect(data: Registration, login = LOGIN): void {
    const t = this.token(data.tokenId, "pending");
    const x = this.challenge(t, data.challenge, login);
    check(x.b, "bad_web_token");
    check(data.sPub === t.sPub && data.dPub === t.dPub && data.rPub === t.rPub, "bad_web_token");
    const keys = { S: publicKey(t.sPub), D: publicKey(t.dPub), R: publicKey(t.rPub) };
    const message = registerMessage(this.header(t, x), keys);
    check(signed(t.sPub, message, data.sigS) && signed(t.dPub, message, data.sigD), "bad_signature");
    for (const old of this.tokens.values()) if (old.state === "active") old.state = "revoked";
    Object.assign(t, { state: "active", challenges: [] });
  }

  verifiesOrder(opened: Opened, userOrderId: string, payload: string, sigS: string): boolean {
    const t = this.tokens.get(opened.tokenId);
    return !!t && signed(t.sPub, orderMessage(opened, userOrderId, payload), sigS);
  }

  private webTokenBegin({ sPub, dPub, rPub }: Params<"webTokenBegin">, login: number) {
    for (const key of [sPub, dPub, rPub]) publicKey(key);
    for (const old of this.tokens.values()) if (old.state === "pending") old.state = "revoked";
    const id = ++this.lastId;
    const oprfKey = ristretto255_oprf.oprf.deriveKeyPair(
      new Uint8Array(randomBytes(32)),
      utf8(`WT1|${id}`),
    ).secretKey;
    const x = { nonce: nonce(), login, until: this.now + 600 * SECOND };
    const keys = { sPub, dPub, rPub, oprfKey };
    this.tokens.set(id, {
      id,
      state: "pending",
      ...keys,
      attempts: 5,
      failures: 0,
      evaluations: 0,
      challenges: [x],
    });
    return { tokenId: id, challenge: x.nonce, clientId: CLIENT, loginId: login, expiresAt: iso(x.until) };
  }

  private webTokenChallenge({ tokenId }: Params<"webTokenChallenge">, login: number) {
    const t = this.token(tokenId, "active");
    const x = { nonce: nonce(), login, until: this.now + 60 * SECOND };
    if (t.challenges.length >= 4)
      t.challenges.splice(
        t.challenges.findIndex(c => !c.b),
        1,
      );
    t.challenges.push(x);
    return {
      challenge: x.nonce,
      clientId: CLIENT,
      loginId: login,
      expiresAt: iso(x.until),
      attemptsLeft: t.attempts,
      failuresSinceLastSuccess: 5 - t.attempts,
    };
  }

  private webTokenEvaluate(p: Params<"webTokenEvaluate">, login: number) {
    const t = this.tokens.get(p.tokenId);
    return t?.state === "pending" ? this.evaluatePending(t, p, login) : this.evaluateActive(p, login);
  }

  private evaluatePending(t: ServerToken, p: Params<"webTokenEvaluate">, login: number) {
    const x = this.challenge(t, p.challenge, login);
    const b = fromBase64url(p.b, POINT);
    check(signed(t.dPub, evaluateRegisterMessage(this.header(t, x), b), p.sigD), "bad_signature");
    if (x.b !== p.b) {
      check(t.evaluations < 3, "web_token_tries");
      t.evaluations++;
      x.b = p.b;
    }
    return { e: evaluate(t, b), attemptsLeft: 3 - t.evaluations, matched: "" };
  }

  private evaluateActive(p: Params<"webTokenEvaluate">, login: number) {
    const t = this.token(p.tokenId, "active");
    const x = this.challenge(t, p.challenge, login);
    check(!x.session && (!x.b || x.b === p.b), "web_token_challenge");
    const b = fromBase64url(p.b, POINT);
    const message = evaluateOpenMessage(this.header(t, x), b);
    check(signed(t.dPub, message, p.sigD), "bad_signature");
    const matched = signed(t.rPub, message, p.sigR)
      ? "r"
      : signed(t.rPub, message, p.sigRPend)
        ? "pend"
        : null;
    if (!matched) {
      t.state = "clone_suspected";
      throw new Refused("web_token_cloned");
    }
    if (!x.b) {
      check(t.attempts > 0 && t.failures < 50, "web_token_tries");
      t.attempts--;
      t.failures++;
      t.evaluations++;
      Object.assign(x, { b: p.b, until: this.now + 60 * SECOND });
      t.challenges = [x];
    }
    return { e: evaluate(t, b), attemptsLeft: t.attempts, matched };
  }

  private openSecuritySession(given: Params<"openSecuritySession">, login: number) {
    const p = given as Required<typeof given>; // the wire's are those of an opening by SMS too
    const t = this.token(p.tokenId, "active");
    const x = t.challenges.find(c => c.b);
    check(x?.nonce === p.challenge && x.login === login, "web_token_challenge");
    if (x.session && x.next === p.rNextPub) return { success: true, id: x.session, sessions: [] };
    check(!x.session && x.until > this.now, "web_token_challenge");
    const next = publicKey(p.rNextPub);
    check(p.rNextPub !== t.rPub, "bad_web_token");
    const dHash = new Uint8Array(createHash("sha256").update(publicKey(t.dPub)).digest());
    check(signed(t.sPub, openMessage(this.header(t, x), next, dHash), p.sigS), "bad_signature");
    Object.assign(x, { next: p.rNextPub, session: ++this.lastSession });
    Object.assign(t, { attempts: 5, failures: t.failures - 1, rPub: p.rNextPub });
    return { success: true, id: this.lastSession, sessions: [] };
  }

  private token(id: number, state: "pending" | "active"): ServerToken {
    const t = this.tokens.get(id);
    check(t, "no_web_token");
    check(
      t.state === state,
      { locked: "web_token_locked", clone_suspected: "web_token_cloned" }[t.state as string] ??
        "web_token_revoked",
    );
    return t;
  }

  private challenge(t: ServerToken, nonce: string, login: number): Challenge {
    const x = t.challenges.find(c => c.nonce === nonce && c.login === login && c.until > this.now);
    check(x, "web_token_challenge");
    return x;
  }

  private header(t: ServerToken, x: Challenge): Header {
    const challenge = fromBase64url(x.nonce, CHALLENGE);
    return { clientId: CLIENT, tokenId: t.id, loginId: x.login, challenge };
  }
}

class Refused extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

function check(holds: unknown, reason: string): asserts holds {
  if (!holds) throw new Refused(reason);
}

function evaluate(t: ServerToken, b: Bytes): string {
  return toBase64url(ristretto255_oprf.oprf.blindEvaluate(t.oprfKey, b));
}

function nonce(): string {
  return toBase64url(randomBytes(CHALLENGE));
}

function publicKey(text: string): Bytes {
  const raw = fromBase64url(text, KEY);
  imported(raw);
  return raw;
}

function imported(raw: Uint8Array) {
  const half = (from: number) => Buffer.from(raw.subarray(from, from + 32)).toString("base64url");
  return createPublicKey({ format: "jwk", key: { kty: "EC", crv: "P-256", x: half(1), y: half(33) } });
}

/** By node's own cryptography, not by the one that signed. */
export function verifies(rawKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  return verify("sha256", bytes, { key: imported(rawKey), dsaEncoding: "ieee-p1363" }, signature);
}

function signed(key: string, message: Message, signature: string | undefined): boolean {
  return !!signature && verifies(publicKey(key), message.bytes, fromBase64url(signature, 64));
}
