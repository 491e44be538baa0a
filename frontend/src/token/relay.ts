// What the page and its worker say to each other: two sums. The page asks for operations and is asked to carry commands to
// the server; no key ever passes, and a PIN only this way.

import type { Answer } from "../link/requests";
import type { TokenCommand, TokenCommands } from "./commands";
import type { Broken, Generated, OpenedByPin, Protected, Signed } from "./said";

export type Call =
  | { do: "have"; clientId: number }
  | { do: "generate" }
  | { do: "protect"; pin: string }
  | { do: "open"; tokenId: number; pin: string }
  | { do: "sign"; userOrderId: string; payload: string; sessionId: number }
  | { do: "drop"; sessionId: number | undefined }
  | { do: "forget"; tokenId: number };

interface Results {
  have: { is: "kept"; tokenIds: number[] };
  generate: Generated;
  protect: Protected;
  open: OpenedByPin;
  sign: Signed;
  drop: { is: "dropped" };
  forget: { is: "forgotten" };
}

export type ResultOf<C extends Call> = Results[C["do"]] | Broken;

export type ToWorker =
  | { is: "call"; id: number; call: Call }
  | { is: "answer"; id: number; answer: Answer<unknown> };

export type FromWorker =
  | { is: "result"; id: number; result: Results[Call["do"]] | Broken }
  | { is: "send"; id: number; cmd: TokenCommand; params: TokenCommands[TokenCommand]["params"] };

/** One end of the line between them. */
export interface Port<Out, In> {
  postMessage(message: Out): void;
  onmessage: ((e: MessageEvent<In>) => void) | null;
}
