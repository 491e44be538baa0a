// The worker's side: does what the page asks, one box for all of it, and sends its commands through the page.

import type { Answer } from "../link/requests";
import { Box, type World } from "./box";
import { Fault } from "./bytes";
import type { Send } from "./commands";
import type { Call, FromWorker, Port, ResultOf, ToWorker } from "./relay";
import type { Broken } from "./said";

export function serve(page: Port<FromWorker, ToWorker>, outside: Omit<World, "send">): void {
  const waiting = new Map<number, (answer: Answer<never>) => void>();
  let last = 0;

  const send: Send = (cmd, params) =>
    new Promise(resolve => {
      const id = ++last;
      waiting.set(id, resolve);
      page.postMessage({ is: "send", id, cmd, params });
    });

  const box = new Box({ ...outside, send });

  page.onmessage = async ({ data }) => {
    switch (data.is) {
      case "call":
        return page.postMessage({
          is: "result",
          id: data.id,
          result: await perform(box, data.call).catch(broken),
        });
      case "answer":
        waiting.get(data.id)?.(data.answer as Answer<never>);
        waiting.delete(data.id);
    }
  };
}

async function perform(box: Box, call: Call): Promise<ResultOf<Call>> {
  switch (call.do) {
    case "have":
      return { is: "kept", tokenIds: await box.have(call.clientId) };
    case "generate":
      return box.generate();
    case "protect":
      return box.protect(call.pin);
    case "open":
      return box.open(call.tokenId, call.pin);
    case "sign":
      return box.sign(call.userOrderId, call.payload, call.sessionId);
    case "drop":
      box.drop(call.sessionId);
      return { is: "dropped" };
    case "forget":
      await box.forget(call.tokenId);
      return { is: "forgotten" };
  }
}

/** Of an error that is not ours, only the name: nobody knows what its message quotes. */
function broken(e: unknown): Broken {
  if (e instanceof Fault) return { is: "broken", why: e.message };
  return { is: "broken", why: e instanceof Error ? e.name : "unknown" };
}
