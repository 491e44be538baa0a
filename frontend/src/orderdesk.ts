// Sends orders so that each is accepted once at most: under one id, kept until it is answered, sent again under the same
// id when the connection broke in between. In a WEB-token session each goes out as the text that the token has signed.

import type { SentOrder } from "./link/memory";
import { type Answer, ownRefusal } from "./link/requests";
import type { World } from "./link/world";
import { afterReconnect, type NewOrder, type OrderFrame } from "./view/ticket";
import type { Happening } from "./view/told";
import { clientCode, type View } from "./view/view";
import type { Commands } from "./wire";

interface Line {
  request(cmd: "putTradeOrder", params: OrderFrame): Promise<Answer<Commands["putTradeOrder"]["result"]>>;
  drop(): void;
}

/** The order as it has to go out now; null: the WEB-token signs it, and its PIN has to be entered first. */
export type Framing = (order: NewOrder) => Promise<OrderFrame | null>;

/** Answers that leave it open whether the order stands: it keeps its id and is not sent anew under another. */
const OPEN = new Set(["internal", "unavailable", "busy", "draining", "timeout"]);

export class OrderDesk {
  private settled = false;
  private underway = 0;

  constructor(
    private readonly line: Line,
    private readonly world: World,
    private readonly view: () => View,
    private readonly tell: (h: Happening) => void,
    private readonly frame: Framing,
  ) {}

  /** An id below 2^53 that no order of this client has. */
  newId(): number {
    return 1 + Math.floor(this.world.random() * (Number.MAX_SAFE_INTEGER - 1));
  }

  async submit(order: NewOrder): Promise<void> {
    const sentAt = this.world.now();
    this.tell({ is: "orderSending", order, again: false });
    const frame = await this.frame(order);
    if (frame) return this.send({ order, frame, sentAt }, false);
    this.tell({ is: "orderRefused", id: order.user_order_id, refusal: ownRefusal("need_token_signature") });
  }

  /** The client wants the unanswered order sent once more. */
  resend(): void {
    const sent = this.world.memory.sentOrder(this.client());
    if (sent) void this.send(sent, true);
  }

  private async send(sent: SentOrder, again: boolean): Promise<void> {
    const client = this.client();
    const { order, frame } = sent;
    this.world.memory.keepOrder(client, sent);
    this.tell({ is: "orderSending", order, again });
    this.underway++;
    const answer = await this.line.request("putTradeOrder", frame);
    this.underway--;
    const id = order.user_order_id;
    if (answer.ok) {
      this.world.memory.forgetOrder(client);
      this.tell({ is: "orderAccepted", id, orderId: answer.result.order_id });
    } else if (answer.lost) {
      this.tell({ is: "orderUnanswered", id });
      if (answer.refusal.reason === "no_answer") this.line.drop();
    } else if (OPEN.has(answer.refusal.reason)) {
      this.tell({ is: "orderUnsure", order });
    } else {
      this.world.memory.forgetOrder(client);
      this.tell({ is: "orderRefused", id, refusal: answer.refusal });
    }
  }

  /** The client does not want the unanswered order any more. */
  forget(): void {
    this.world.memory.forgetOrder(this.client());
    this.tell({ is: "ticketCleared" });
  }

  /** A snapshot of the orders has been asked for on a new connection. */
  expectSnapshot(): void {
    this.settled = false;
  }

  /** The snapshot is here: what became of the order that was sent and not answered? */
  settle(): void {
    if (this.settled || this.underway > 0) return;
    this.settled = true;
    const sent = this.world.memory.sentOrder(this.client());
    if (!sent) return;
    const next = afterReconnect(sent.order, sent.sentAt, this.world.now(), this.view().orders);
    switch (next.do) {
      case "accepted":
        this.world.memory.forgetOrder(this.client());
        this.tell({ is: "orderSending", order: sent.order, again: true });
        return this.tell({ is: "orderAccepted", id: sent.order.user_order_id, orderId: next.orderId });
      case "resend":
        return void this.send(sent, true);
      case "ask":
        return this.tell({ is: "orderUnsure", order: sent.order });
    }
  }

  private client(): string {
    const user = this.view().user;
    return user ? clientCode(user) : "";
  }
}
