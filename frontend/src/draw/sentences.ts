// An event as a sentence, a refusal as what happened and what to do next.

import { instrument } from "../instruments";
import { t } from "../ui";
import { byOperator, documentFromRow } from "../view/documents";
import { instant } from "../view/figures";
import type { Notice, Weight } from "../view/journal";
import { weight } from "../view/journal";
import { LOGIN_PASSWORD, SMS, VOICE_PASSWORD } from "../view/numbers";
import { type Order, orderFromRow } from "../view/orders";
import { purposeOf } from "../view/passcode";
import type { Told } from "../view/told";
import type { View } from "../view/view";
import type { Events, Refusal } from "../wire";
import { documentName, documentText, meansText } from "./documentwords";
import { idText, priceText, qtyText, timeText } from "./format";
import { tokenEventText } from "./tokenwords";

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
  if (notice.is === "pins") {
    return { text: t().pin.stranger(notice.count), next: t().pin.strangerNext, tone: "warn" };
  }
  return toldSentence(notice.told, view, now);
}

export function toldSentence(told: Told, view: View, now: number): Sentence {
  return {
    text: eventText(told, view, now),
    next: nextStep(told, view),
    tone: weight(told, view.user?.loginId),
  };
}

function nextStep(told: Told, view: View): string | null {
  const own = view.user?.loginId;
  switch (told.name) {
    case "session.closed":
      return told.data.login === own ? t().closedNext : null;
    case "document.drafted":
      return told.data.document.loginId === own ? null : t().events.notYou;
    case "voice.verified":
    case "token.begun":
    case "token.registered":
      return t().events.notYou;
    case "token.locked":
      return t().token.ended.locked.next;
    case "token.cloned":
      return t().token.ended.cloned.next;
    default:
      return null;
  }
}

export function refusalText(refusal: Refusal): { what: string; next: string | null } {
  const known = t().reasons[refusal.reason];
  const until = FOR_HOURS.has(refusal.reason) ? instant(refusal.until) : null;
  if (known && until !== null) {
    return { what: known.what, next: `${known.next} ${t().reasonUntil(timeText(until, Date.now()))}` };
  }
  if (known) return known;
  return { what: refusal.error || refusal.errMsg || refusal.reason, next: refusal.next ?? null };
}

/** So long that no countdown says when it is over. */
const FOR_HOURS = new Set(["web_token_day", "web_token_day_begun", "phone_quarantine"]);

export function closedText(reason: string): string {
  return t().closed[reason] ?? reason;
}

export function deviceText(view: View, login: number): string {
  return view.journal.labels[login] || t().events.unknownDevice;
}

export function eventText(told: Told, view: View, now: number): string {
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
      return purposeOf(told.data.purpose) === "document"
        ? e.passcodeSentToSign(told.data.number, told.data.phone)
        : e.passcodeSent(told.data.number, told.data.phone);
    case "passcode.failed":
      return e.passcodeFailed;
    case "attempt.failed":
      return attemptText(told.data);
    case "means.blocked":
      return blockedText(told.data.means, until(told.data.until));
    case "means.unblocked":
      return unblockedText(told.data.means);
    case "means.disconnected":
      return e.disconnected(meansText(told.data.means));
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
    case "phone.added":
      return e.phoneAdded(told.data.phone);
    case "phone.removed":
      return e.phoneRemoved(told.data.phone);
    case "phone.changed":
      return told.data.phone ? e.phoneChanged(told.data.phone) : e.phoneGone;
    case "password.changed":
      return e.passwordChanged;
    case "voice.attempted":
      return e.voiceAttempted(told.data.operator);
    case "voice.verified":
      return e.voiceVerified(told.data.operator);
    case "operator.acted": {
      const { operator, act, reason } = told.data;
      if (act === "close_sessions") return e.operatorClosed(operator, reason);
      if (act === "revoke_token") return e.operatorRevoked(operator, reason);
      return e.operatorActed(operator, act, reason);
    }
    case "document.drafted":
    case "document.signed":
    case "document.accepted":
    case "document.cancelled":
      return documentEventText(told, view);
    case "token.begun":
    case "token.challenged":
    case "token.evaluated":
    case "token.registered":
    case "token.opened":
    case "token.revoked":
    case "token.locked":
    case "token.cloned":
      return tokenEventText(told, view);
    default:
      return orderText(told, view);
  }
}

function attemptText({ means, purpose, left }: Events["attempt.failed"]): string {
  const e = t().events;
  if (means === LOGIN_PASSWORD) return e.attemptPassword(left);
  if (means === VOICE_PASSWORD) return e.attemptVoice(left);
  return purposeOf(purpose) === "document" ? e.attemptSign(left) : e.attemptSms(left);
}

function blockedText(means: number, until: string): string {
  const e = t().events;
  if (means === LOGIN_PASSWORD) return e.blockedPassword(until);
  return means === SMS ? e.blockedSms(until) : e.blocked(meansText(means), until);
}

function unblockedText(means: number): string {
  const e = t().events;
  if (means === LOGIN_PASSWORD) return e.unblockedPassword;
  return means === SMS ? e.unblockedSms : e.unblocked(meansText(means));
}

function documentEventText(told: Extract<Told, { name: `document.${string}` }>, view: View): string {
  const e = t().events;
  if (told.name === "document.drafted") {
    const d = documentFromRow(told.data.document);
    const what = midSentence(documentText(d));
    return byOperator(d) ? e.documentProposed(d.operator, what) : e.documentDrafted(what);
  }
  const what = midSentence(documentName(told.data.id, view));
  switch (told.name) {
    case "document.signed": {
      const { means, confirmedBy } = told.data;
      return confirmedBy ? e.documentConfirmed(what, confirmedBy) : e.documentSigned(what, meansText(means));
    }
    case "document.accepted":
      return e.documentAccepted(what);
    case "document.cancelled": {
      const why = t().documents.ends[told.data.end] ?? t().documents.cancelled;
      const { by } = told.data;
      return by ? e.documentCancelledBy(what, why, by) : e.documentCancelled(what, why);
    }
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

/** What a document asks for is a sentence of its own; here it goes on after a colon. */
function midSentence(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
