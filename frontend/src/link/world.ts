// The outside world as the connection sees it; tests bring another one.

import type { Memory } from "./memory";
import type { Answer, CommandName, Params, Result } from "./requests";

export interface Socket {
  send(text: string): void;
  close(): void;
  onmessage: ((text: string) => void) | null;
  onclose: ((code: number) => void) | null;
}

export interface World {
  now(): number;
  random(): number;
  /** Calls back once; the result takes the call back. */
  after(ms: number, then: () => void): () => void;
  open(): Socket;
  post<K extends CommandName>(cmd: K, params: Params<K>): Promise<Answer<Result<K>>>;
  /** Leaves even while the page is being closed. */
  beacon<K extends CommandName>(cmd: K, params: Params<K>): void;
  /** What this device calls itself in the list of logins. */
  device: string;
  memory: Memory;
}
