// The outside world as the desk sees it; tests bring another one.

import type { Answer } from "../link/requests";
import type { DeskCommands } from "./rows";

export type CommandName = keyof DeskCommands;
export type Params<K extends CommandName> = DeskCommands[K]["params"];
export type Result<K extends CommandName> = DeskCommands[K]["result"];

/** The door's word for «nobody is logged in here». */
export const NOT_LOGGED_IN = "not_operator";

/** One whom everybody may be, with what his authenticator shows now. */
export interface DemoOperator {
  login: string;
  name: string;
  password: string;
  code: string;
}

export interface DeskWorld {
  now(): number;
  /** Calls back once; the result takes the call back. */
  after(ms: number, then: () => void): () => void;
  /** None but in a demonstration. */
  demoOperators(): Promise<DemoOperator[]>;
  call<K extends CommandName>(cmd: K, params: Params<K>): Promise<Answer<Result<K>>>;
}
