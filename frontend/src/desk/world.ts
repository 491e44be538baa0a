// The outside world as the desk sees it; tests bring another one.

import type { Answer } from "../link/requests";
import type { DeskCommands } from "./rows";

export type CommandName = keyof DeskCommands;
export type Params<K extends CommandName> = DeskCommands[K]["params"];
export type Result<K extends CommandName> = DeskCommands[K]["result"];

export interface DeskWorld {
  now(): number;
  /** Calls back once; the result takes the call back. */
  after(ms: number, then: () => void): () => void;
  call<K extends CommandName>(cmd: K, params: Params<K>): Promise<Answer<Result<K>>>;
}
