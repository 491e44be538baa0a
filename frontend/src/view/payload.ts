// The texts that the WEB-token signs: the very bytes that are sent, so that the server needs no second spelling of them.

import type { DocumentData } from "../wire";
import type { NewOrder } from "./ticket";

/** Of a trading order. */
export function orderPayload(order: NewOrder): string {
  return JSON.stringify(order);
}

/** Of the cancellation of one. */
export function cancelPayload(orderId: number): string {
  return JSON.stringify({ order_id: orderId });
}

/** Of a non-trading order, with the data as it was submitted. */
export function documentPayload(id: number, docId: number, data: DocumentData): string {
  return JSON.stringify({ id, docId, data });
}
