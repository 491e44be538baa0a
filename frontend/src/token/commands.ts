// What the worker asks of the server, through the page. Bytes are base64url without padding.

import type { Answer } from "../link/requests";
import type { Commands, DocumentData } from "../wire";

export type TokenCommands = Pick<
  Commands,
  "webTokenBegin" | "webTokenEvaluate" | "webTokenChallenge" | "openSecuritySession"
>;

export type TokenCommand = keyof TokenCommands;

/** Never rejects: an answer that did not come is `lost`. */
export type Send = <K extends TokenCommand>(
  cmd: K,
  params: TokenCommands[K]["params"],
) => Promise<Answer<TokenCommands[K]["result"]>>;

/** The data of order 190, «Подключить WEB-токен». */
export type Registration = Required<
  Pick<DocumentData, "tokenId" | "challenge" | "sPub" | "dPub" | "rPub" | "sigS" | "sigD">
>;
