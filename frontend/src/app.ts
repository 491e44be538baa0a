// The view as a signal, the connection that feeds it, and the WEB-token that signs for it.

import { signal } from "@preact/signals";
import { Connection } from "./connection";
import { tickers } from "./instruments";
import { browserWorld } from "./link/browser";
import { Signer } from "./signer";
import type { Send } from "./token/commands";
import { createToken } from "./token/token";
import { apply } from "./view/apply";
import type { Happening } from "./view/told";
import { emptyView } from "./view/view";

export const view = signal(emptyView);

export function tell(h: Happening): void {
  view.value = apply(view.peek(), h);
}

const world = browserWorld();

/** Carries what the token's worker has to say to the server. */
const relay: Send = async (cmd, params) => (await connection.request(cmd, params as never)) as never;

export const token = createToken(relay);

export const signer = new Signer(token, () => view.peek(), tell);

export const connection = new Connection(
  world,
  tickers,
  () => view.peek(),
  tell,
  order => signer.order(order),
);

/** The server's clock, told anew four times a second. Deadlines are compared with it. */
export const now = signal(connection.clock.now());

export function tick(): void {
  now.value = connection.clock.now();
}
