// The view as a signal, and the connection that feeds it.

import { signal } from "@preact/signals";
import { Connection } from "./connection";
import { tickers } from "./instruments";
import { browserWorld } from "./link/browser";
import { apply } from "./view/apply";
import type { Happening } from "./view/told";
import { emptyView } from "./view/view";

export const view = signal(emptyView);

export function tell(h: Happening): void {
  view.value = apply(view.peek(), h);
}

export const connection = new Connection(browserWorld(), tickers, () => view.peek(), tell);

/** The server's clock, told anew four times a second. Deadlines are compared with it. */
export const now = signal(connection.clock.now());

export function tick(): void {
  now.value = connection.clock.now();
}
