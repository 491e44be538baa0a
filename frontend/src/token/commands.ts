// What the worker asks of the server, through the page. Bytes are base64url without padding.

import type { Answer } from "../link/requests";
import type { Instant, SecuritySession } from "../wire";

export interface TokenCommands {
  webTokenBegin: {
    params: { sPub: string; dPub: string; rPub: string };
    result: { tokenId: number; challenge: string; clientId: number; loginId: number; expiresAt: Instant };
  };
  webTokenEvaluate: {
    params: {
      tokenId: number;
      challenge: string;
      b: string;
      sigD: string;
      /** Of an active token: by the ratchet key. */
      sigR?: string;
      /** And by the one of an opening whose end is unknown. */
      sigRPend?: string;
    };
    /** matched: the key that the server has, r or pend; empty for a token that is not active yet. */
    result: { e: string; attemptsLeft: number; matched: string };
  };
  webTokenChallenge: {
    params: { tokenId: number };
    result: {
      challenge: string;
      clientId: number;
      loginId: number;
      expiresAt: Instant;
      attemptsLeft: number;
      failuresSinceLastSuccess: number;
    };
  };
  openSecuritySession: {
    params: { safetyTypeId: 7; tokenId: number; challenge: string; rNextPub: string; sigS: string };
    result: { success: boolean; id?: number; sessions: SecuritySession[] | null };
  };
}

export type TokenCommand = keyof TokenCommands;

/** Never rejects: an answer that did not come is `lost`. */
export type Send = <K extends TokenCommand>(
  cmd: K,
  params: TokenCommands[K]["params"],
) => Promise<Answer<TokenCommands[K]["result"]>>;

/** The data of order 190, «Подключить WEB-токен». */
export interface Registration {
  tokenId: number;
  challenge: string;
  sPub: string;
  dPub: string;
  rPub: string;
  sigS: string;
  sigD: string;
}
