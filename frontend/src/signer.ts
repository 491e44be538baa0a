// What an order is authorised by beside the session: in one that was opened by WEB-token each order is signed by it.

import type { Params } from "./link/requests";
import type { Token } from "./token/token";
import { cancelPayload, orderPayload } from "./view/payload";
import type { NewOrder, OrderFrame } from "./view/ticket";
import type { Happening } from "./view/told";
import type { View } from "./view/view";
import { type Authority, authority, byWebToken } from "./view/webtoken";

export interface Signed {
  /** The very text that was signed. */
  payload: string;
  sigS: string;
}

export class Signer {
  constructor(
    private readonly token: Pick<Token, "sign">,
    private readonly view: () => View,
    private readonly tell: (h: Happening) => void,
  ) {}

  /** As it has to go out now; null: the PIN has to be entered first. */
  async order(order: NewOrder): Promise<OrderFrame | null> {
    if (!byWebToken(this.by())) return order;
    const signed = await this.sign(String(order.user_order_id), orderPayload(order));
    return signed && { ...signed, user_order_id: order.user_order_id };
  }

  async cancellation(orderId: number): Promise<Params<"delTradeOrder"> | null> {
    return byWebToken(this.by()) ? this.sign("", cancelPayload(orderId)) : { order_id: orderId };
  }

  /** null: the PIN has to be entered first. */
  async sign(userOrderId: string, payload: string): Promise<Signed | null> {
    const by = this.by();
    if (by.is !== "token") return null;
    const said = await this.token.sign(userOrderId, payload, by.session);
    if (said.is === "signed") return { payload, sigS: said.sigS };
    this.tell({ is: "keyDropped" });
    return null;
  }

  private by(): Authority {
    return authority(this.view());
  }
}
