// An event as a sentence, a refusal as what happened and what to do next.

import { instrument } from "../instruments";
import { t } from "../ui";
import { instant } from "../view/figures";
import type { Notice, Weight } from "../view/journal";
import { weight } from "../view/journal";
import { type Order, orderFromRow } from "../view/orders";
import { LOGIN_PASSWORD } from "../view/passcode";
import type { Told } from "../view/told";
import type { View } from "../view/view";
import type { Refusal } from "../wire";
import { idText, priceText, qtyText, timeText } from "./format";

export interface Sentence {
  text: string;
  next: string | null;
  tone: Weight;
}

export function sentenceOf(notice: Notice, view: View, now: number): Sentence {
  if (notice.is === "refusal") {
    const { what, next } = refusalText(notice.refusal);
    return { text: `${t().events.doing[notice.doing]}. ${what}`, next, tone: "bad" };
  }
  const told = notice.told;
  const next =
    told.name === "session.closed" && told.data.login === view.user?.loginId ? t().closedNext : null;
  return { text: eventText(told, view, now), next, tone: weight(told, view.user?.loginId) };
}

export function refusalText(refusal: Refusal): { what: string; next: string | null } {
  const known = t().reasons[refusal.reason];
  if (known) return known;
  return { what: refusal.error || refusal.errMsg || refusal.reason, next: refusal.next ?? null };
}

export function closedText(reason: string): string {
  return t().closed[reason] ?? reason;
}

export function deviceText(view: View, login: number): string {
  return view.journal.labels[login] || t().events.unknownDevice;
}

function eventText(told: Told, view: View, now: number): string {
  const e = t().events;
  const until = (at: string | null) => {
    const ms = instant(at);
    return ms === null ? e.untilCall : e.until(timeText(ms, now));
  };
  switch (told.name) {
    case "login.opened":
      return e.loginOpened(told.data.label || e.unknownDevice);
    case "login.renewed":
      return e.loginRenewed(told.data.label || e.unknownDevice);
    case "login.closed":
      return e.loginClosed(
        deviceText(view, told.data.login),
        e.loginEnds[told.data.reason] ?? told.data.reason,
      );
    case "passcode.sent":
      return e.passcodeSent(told.data.number, told.data.phone);
    case "passcode.failed":
      return e.passcodeFailed;
    case "attempt.failed":
      return told.data.means === LOGIN_PASSWORD
        ? e.attemptPassword(told.data.left)
        : e.attemptSms(told.data.left);
    case "means.blocked":
      return told.data.means === LOGIN_PASSWORD
        ? e.blockedPassword(until(told.data.until))
        : e.blockedSms(until(told.data.until));
    case "means.unblocked":
      return told.data.means === LOGIN_PASSWORD ? e.unblockedPassword : e.unblockedSms;
    case "session.opened":
      return e.sessionOpened(timeText(instant(told.data.expiresAt) ?? told.at, now));
    case "session.extended":
      return e.sessionExtended(timeText(instant(told.data.expiresAt) ?? told.at, now));
    case "session.expiring":
      return e.sessionExpiring(Math.max(1, Math.round(told.data.left / 60)));
    case "session.closed":
      return e.sessionClosed(closedText(told.data.reason));
    case "terminal.attached":
      return e.terminalAttached(deviceText(view, told.data.login));
    case "terminal.gone": {
      const device = deviceText(view, told.data.login);
      const at = instant(told.data.closesAt);
      return at === null ? e.terminalGone(device) : e.terminalGoneUntil(device, timeText(at, now));
    }
    case "phone.changed":
      return told.data.phone ? e.phoneChanged(told.data.phone) : e.phoneGone;
    case "password.changed":
      return e.passwordChanged;
    default:
      return orderText(told, view);
  }
}

function orderText(told: Told, view: View): string {
  const e = t().events;
  switch (told.name) {
    case "order.accepted":
      return e.orderAccepted(whatText(orderFromRow(told.data.order)));
    case "order.working":
      return e.orderWorking(orderName(view, told.data.order_id));
    case "order.filled": {
      const { order_id, qty, price, leaves } = told.data;
      const order = view.orders.byId[order_id];
      const rest = leaves > 0 ? e.leaves(qtyText(leaves)) : "";
      if (!order) return e.filled(idText(order_id), qtyText(qty), priceText(price)) + rest;
      const cost = priceText(price, instrument(order.ticker).step);
      const said = order.side === "buy" ? e.bought : e.sold;
      return said(order.ticker, qtyText(qty), cost) + rest;
    }
    case "order.cancelling":
      return e.orderCancelling(orderName(view, told.data.order_id));
    case "order.cancelled":
      return e.orderCancelled(orderName(view, told.data.order_id));
    case "order.expired":
      return e.orderExpired(orderName(view, told.data.order_id));
    case "order.rejected":
      return e.orderRejected(orderName(view, told.data.order_id), told.data.reason);
    default:
      return e.unknown(told.name);
  }
}

function orderName(view: View, id: number): string {
  const order = view.orders.byId[id];
  return order ? whatText(order) : t().events.whatUnknown(idText(id));
}

function whatText(order: Order): string {
  return t().events.what(idText(order.id), order.ticker, order.side, qtyText(order.qty));
}
