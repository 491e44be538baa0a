// What the browser keeps for the terminal. Never the SID, never a password or a code.

import type { NewOrder, OrderFrame } from "../view/ticket";

export interface Drawer {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface SentOrder {
  order: NewOrder;
  /** What was sent: it is sent again word for word, as the server compares the signed texts. */
  frame: OrderFrame;
  sentAt: number;
}

export class Memory {
  /** `tab` dies with the tab, `browser` outlives it. */
  constructor(
    private readonly tab: Drawer,
    private readonly browser: Drawer,
  ) {}

  /** The last number that this tab, or else any tab, has shown of the client; null if none ever did. */
  lastNumber(client: string): number | null {
    const key = `vakhta.seq.${client}`;
    const kept = read(this.tab, key) ?? read(this.browser, key);
    const n = Number(kept);
    return kept !== null && Number.isSafeInteger(n) && n >= 0 ? n : null;
  }

  keepNumber(client: string, seq: number): void {
    const key = `vakhta.seq.${client}`;
    for (const drawer of [this.tab, this.browser]) {
      if (Number(read(drawer, key) ?? 0) < seq) write(drawer, key, String(seq));
    }
  }

  forgetNumber(client: string): void {
    remove(this.tab, `vakhta.seq.${client}`);
    remove(this.browser, `vakhta.seq.${client}`);
  }

  /** The order that was sent and not answered yet. */
  sentOrder(client: string): SentOrder | null {
    try {
      return JSON.parse(read(this.tab, `vakhta.order.${client}`) ?? "null");
    } catch {
      return null;
    }
  }

  keepOrder(client: string, sent: SentOrder): void {
    write(this.tab, `vakhta.order.${client}`, JSON.stringify(sent));
  }

  forgetOrder(client: string): void {
    remove(this.tab, `vakhta.order.${client}`);
  }

  /** Tells the other tabs that the cookie may now be another client's. */
  announceLogin(mark: string): void {
    write(this.browser, LOGIN_MARK, mark);
  }
}

export const LOGIN_MARK = "vakhta.login";

function read(drawer: Drawer, key: string): string | null {
  try {
    return drawer.getItem(key);
  } catch {
    return null;
  }
}

function write(drawer: Drawer, key: string, value: string): void {
  try {
    drawer.setItem(key, value);
  } catch {
    // A full or forbidden drawer costs the resume after a reload, nothing else.
  }
}

function remove(drawer: Drawer, key: string): void {
  try {
    drawer.removeItem(key);
  } catch {
    // nothing was kept
  }
}
