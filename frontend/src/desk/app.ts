// The view as a signal, and the desk that feeds it.

import { signal } from "@preact/signals";
import { apply } from "./apply";
import { browserWorld } from "./browser";
import { Desk } from "./desk";
import type { DeskDialog, Happening } from "./told";
import { emptyDesk } from "./view";

export const view = signal(emptyDesk);

export function tell(h: Happening): void {
  view.value = apply(view.peek(), h);
}

export const desk = new Desk(browserWorld(), () => view.peek(), tell);

/** The server's clock, told anew four times a second. Deadlines are compared with it. */
export const now = signal(desk.clock.now());

export function tick(): void {
  now.value = desk.clock.now();
}

export function ask(dialog: DeskDialog): void {
  tell({ is: "asked", dialog, at: desk.clock.now() });
}
