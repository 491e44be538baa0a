// view = apply(view, happening): pure, total, tested without a browser.

import { missedBy, nothingMissed } from "./away";
import { noSeries, seriesAfter } from "./candles";
import { documentsAfter, documentsAfterAnswer, noDocuments } from "./documents";
import { emptyJournal, enter, enterPins, enterRefusal } from "./journal";
import { noOrders, ordersAfter, ordersFromRows } from "./orders";
import { passcodeAfter, passcodeAfterAnswer, purposeOf } from "./passcode";
import { phonesAfter, phonesFromAnswer } from "./phones";
import { priceAfter } from "./quotes";
import { labelsOf, noSecurity, securityAfter, securityFromRows } from "./security";
import { noSessions, sessionsAfter, sessionsFromRows } from "./sessions";
import { noSigning, signingAfter, signingAfterAnswer } from "./signing";
import { ticketAfter } from "./ticket";
import type { Happening, Mode, Told } from "./told";
import { clientCode, emptyView, type View } from "./view";
import { strangePins, webTokenAfterAnswer } from "./webtoken";

export function apply(view: View, h: Happening): View {
  const next = {
    ...view,
    ticket: ticketAfter(view.ticket, h),
    passcode: passcodeAfterAnswer(view.passcode, h, "session"),
    token: webTokenAfterAnswer(view.token, h),
    signing: signingAfterAnswer(view.signing, h, view.user?.loginId),
    documents: documentsAfterAnswer(view.documents, h),
  };
  switch (h.is) {
    case "signedOut":
      return { ...emptyView, stage: "signedOut", farewell: h.reason };
    case "foreign":
      return {
        ...emptyView,
        stage: "foreign",
        foreign: { shown: view.user ? nameOf(view) : "", now: h.now },
      };
    case "fault":
      return { ...emptyView, stage: "fault" };
    case "connecting":
      return { ...next, link: { is: "connecting", attempt: h.attempt } };
    case "lost":
      return { ...next, link: { is: "lost", attempt: h.attempt, retryAt: h.retryAt } };
    case "user":
      return { ...next, stage: "terminal", farewell: null, user: h.user, link: { is: "resuming" } };
    case "resume":
      return resumeFrom(next, h.from, h.newcomer);
    case "otherJournal":
      return { ...next, ...forgotten };
    case "event":
      return applyEvent(next, h.told, h.mode);
    case "caughtUp":
      return caughtUp(next, h.seq);
    case "sessions":
      return { ...next, sessions: sessionsFromRows(h.rows, h.seq, view.sessions) };
    case "orders":
      return { ...next, orders: ordersFromRows(h.rows, h.seq, view.orders) };
    case "quote":
      return applyQuote(next, h);
    case "candles":
      return { ...next, series: { ...view.series, [h.ticker]: { candles: h.candles, step: h.step } } };
    case "scope":
      return { ...next, scope: { session: h.session, trade: h.trade } };
    case "means":
      return { ...next, means: h.rows };
    case "phones":
      return { ...next, phones: phonesFromAnswer(view.phones, h.answer) };
    case "securityEvents":
      return withSecurity(next, h);
    case "pinAnswered":
      return { ...next, journal: enterPins(view.journal, strangePins(view.token, h.said), h.at) };
    case "refused":
      return { ...next, journal: enterRefusal(view.journal, h.doing, h.refusal, h.at) };
    case "toastClosed":
      return { ...next, journal: { ...view.journal, toasts: view.journal.toasts.filter(id => id !== h.id) } };
    case "journalRead":
      return { ...next, journal: { ...view.journal, unread: 0 } };
    case "awayClosed":
      return { ...next, away: nothingMissed };
    default:
      return next; // the ticket, the passcode panel or the documents have taken it
  }
}

/** Another journal tells another story: nothing of the former one stays. */
const forgotten = {
  journal: emptyJournal,
  sessions: noSessions,
  orders: noOrders,
  documents: noDocuments,
  signing: noSigning,
  security: noSecurity,
  away: nothingMissed,
};

function applyEvent(view: View, told: Told, mode: Mode): View {
  const login = view.user?.loginId;
  const said =
    told.name === "attempt.failed" && told.data.login === login && beingChecked(view, told.data.purpose);
  return {
    ...view,
    journal: enter(view.journal, told, mode, login, !said),
    sessions: sessionsAfter(view.sessions, told),
    orders: ordersAfter(view.orders, told),
    passcode: passcodeAfter(view.passcode, told, login, "session"),
    phones: phonesAfter(view.phones, told),
    documents: documentsAfter(view.documents, told),
    signing: signingAfter(view.signing, told, login),
    security: securityAfter(view.security, told),
    away: mode === "missed" ? { ...view.away, missed: [...view.away.missed, told] } : view.away,
  };
}

/** The form that has sent the code is about to say that it was wrong. */
function beingChecked(view: View, purpose: string | undefined): boolean {
  const panel = purposeOf(purpose) === "document" ? view.signing.panel : view.passcode;
  return panel.entry === "checking";
}

function withSecurity(view: View, h: Extract<Happening, { is: "securityEvents" }>): View {
  const labels = { ...labelsOf(h.rows), ...view.journal.labels };
  return {
    ...view,
    security: securityFromRows(view.security, h.rows, h.older),
    journal: { ...view.journal, labels },
  };
}

function resumeFrom(view: View, from: number, newcomer: boolean): View {
  const journal = { ...view.journal, seq: from };
  return { ...view, journal, away: { ...view.away, newcomer: newcomer && view.away.missed.length === 0 } };
}

/** The replay is over; what follows is live. */
function caughtUp(view: View, seq: number): View {
  return {
    ...view,
    link: { is: "up" },
    journal: { ...view.journal, seq: Math.max(seq, view.journal.seq) },
    away: { newcomer: false, missed: missedBy(view.away.newcomer, view.away.missed) },
  };
}

function applyQuote(view: View, h: Extract<Happening, { is: "quote" }>): View {
  const prices = priceAfter(view.prices, h.quote);
  const price = prices[h.quote.c];
  if (!price) return view;
  const series = seriesAfter(view.series[h.quote.c] ?? noSeries, price.last, h.at);
  return { ...view, prices, series: { ...view.series, [h.quote.c]: series } };
}

function nameOf(view: View): string {
  return view.user ? `${view.user.login} (${clientCode(view.user)})` : "";
}
