// view = apply(view, happening): pure, total, tested without a browser.

import { missedBy, nothingMissed } from "./away";
import { noSeries, seriesAfter } from "./candles";
import { emptyJournal, enter, enterRefusal } from "./journal";
import { noOrders, ordersAfter, ordersFromRows } from "./orders";
import { passcodeAfter, passcodeAfterAnswer } from "./passcode";
import { priceAfter } from "./quotes";
import { noSessions, sessionsAfter, sessionsFromRows } from "./sessions";
import { ticketAfter } from "./ticket";
import type { Happening, Mode, Told } from "./told";
import { clientCode, emptyView, type View } from "./view";

export function apply(view: View, h: Happening): View {
  const next = {
    ...view,
    ticket: ticketAfter(view.ticket, h),
    passcode: passcodeAfterAnswer(view.passcode, h),
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
      return { ...next, journal: emptyJournal, sessions: noSessions, orders: noOrders, away: nothingMissed };
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
    case "means":
      return { ...next, means: h.rows };
    case "refused":
      return { ...next, journal: enterRefusal(view.journal, h.doing, h.refusal, h.at) };
    case "toastClosed":
      return { ...next, journal: { ...view.journal, toasts: view.journal.toasts.filter(id => id !== h.id) } };
    case "journalRead":
      return { ...next, journal: { ...view.journal, unread: 0 } };
    case "awayClosed":
      return { ...next, away: nothingMissed };
    default:
      return next; // the ticket or the passcode panel has taken it
  }
}

function applyEvent(view: View, told: Told, mode: Mode): View {
  const login = view.user?.loginId;
  const own = told.name === "attempt.failed" && told.data.login === login;
  const said = own && view.passcode.entry === "checking";
  return {
    ...view,
    journal: enter(view.journal, told, mode, login, !said),
    sessions: sessionsAfter(view.sessions, told),
    orders: ordersAfter(view.orders, told),
    passcode: passcodeAfter(view.passcode, told, login),
    away: mode === "missed" ? { ...view.away, missed: [...view.away.missed, told] } : view.away,
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
