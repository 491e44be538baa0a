// view = apply(view, happening): pure, total, tested without a browser.

import { VOICE_PASSWORD } from "../view/numbers";
import { needsCheck } from "./acts";
import type { Card, Refusal } from "./rows";
import type { DeskDialog, Happening } from "./told";
import {
  type ClientPane,
  checkedFor,
  type DeskView,
  emptyDesk,
  noCheck,
  noSearch,
  type Search,
  SHORTEST_QUERY,
} from "./view";

export function apply(view: DeskView, h: Happening): DeskView {
  switch (h.is) {
    case "lost":
      return { ...view, lost: true };
    case "heard":
      return { ...view, lost: false };
    case "onDuty":
      return onDuty(view, h.who.operator);
    case "signedOut":
      return signedOut(view, h.why);
    case "typed":
    case "looking":
    case "found":
    case "notFound":
    case "moved":
      return { ...view, search: searchAfter(view.search, h) };
    case "opening":
      return {
        ...view,
        outcome: null,
        dialog: null,
        client: { code: h.code, card: null, refusal: null, check: noCheck },
      };
    case "leftClient":
      return { ...view, client: null, dialog: null, outcome: null };
    case "card":
      if (view.client?.code !== h.card.code) return view;
      return { ...view, client: { ...view.client, card: h.card, refusal: null } };
    case "noCard":
      if (view.client?.code !== h.code) return view;
      return { ...view, client: clientAfterRefusal(view.client, h.refusal) };
    case "checking":
    case "checked":
    case "notChecked":
      return checkAfter(view, h);
    case "asked":
      return asked(view, h.dialog, h.at);
    case "dialogClosed":
      return { ...view, dialog: null };
    case "pending":
      return { ...view, pending: h.rows };
    case "did":
      return { ...view, dialog: null, outcome: h.outcome };
    case "outcomeRead":
      return { ...view, outcome: null };
  }
}

/** The search and the client stay over a logout by idleness, but only for the same operator. */
function onDuty(view: DeskView, operator: DeskView["operator"]): DeskView {
  const same = view.operator?.id === operator?.id;
  const kept = same ? view : emptyDesk;
  return { ...kept, stage: "desk", farewell: null, operator, lost: false };
}

/** Of the client only the code stays: his card is asked for again by who logs in. */
function signedOut(view: DeskView, why: DeskView["farewell"]): DeskView {
  if (why === "logout" || !view.operator) return { ...emptyDesk, stage: "signedOut", farewell: why };
  const { operator, search, client } = view;
  return {
    ...emptyDesk,
    stage: "signedOut",
    farewell: why,
    operator,
    search: { ...search, looking: false, found: [], by: null },
    client: client && { code: client.code, card: null, refusal: null, check: noCheck },
  };
}

/** A client who is gone leaves no card to act on. */
function clientAfterRefusal(client: ClientPane, refusal: Refusal): ClientPane {
  const card = refusal.reason === "unknown_client" ? null : client.card;
  return { ...client, card, refusal };
}

type OfSearch = Extract<Happening, { is: "typed" | "looking" | "found" | "notFound" | "moved" }>;

function searchAfter(search: Search, h: OfSearch): Search {
  switch (h.is) {
    case "typed":
      if (h.query.trim().length < SHORTEST_QUERY) return { ...noSearch, query: h.query };
      return { ...search, query: h.query, refusal: null };
    case "looking":
      return { ...search, looking: true, refusal: null };
    case "moved":
      return { ...search, at: h.to };
    case "found": {
      const { clients: found, more, query: by } = h;
      if (by !== search.query.trim()) return search;
      return { ...search, by, found, more, at: 0, looking: false, refusal: null };
    }
    case "notFound":
      if (h.query !== search.query.trim()) return search;
      return { ...search, by: null, found: [], more: false, looking: false, refusal: h.refusal };
  }
}

type OfCheck = Extract<Happening, { is: "checking" | "checked" | "notChecked" }>;

function checkAfter(view: DeskView, h: OfCheck): DeskView {
  const { client } = view;
  if (!client) return view;
  switch (h.is) {
    case "checking":
      return { ...view, client: { ...client, check: { ...client.check, is: "sending", refusal: null } } };
    case "notChecked":
      return {
        ...view,
        client: { ...client, check: { ...client.check, is: "refused", refusal: h.refusal } },
      };
    case "checked": {
      const card = client.card && cardAfterCheck(client.card, h.right, h.left, h.until);
      if (!h.right) return { ...view, client: { ...client, card, check: { ...client.check, is: "wrong" } } };
      const { before } = client.check;
      const dialog: DeskDialog | null = before && { is: "act", act: before };
      return { ...view, dialog, client: { ...client, card, check: noCheck } };
    }
  }
}

function cardAfterCheck(card: Card, right: boolean, left: number, until: string | null): Card {
  const means = card.means.map(m => (m.safety_type_id === VOICE_PASSWORD ? { ...m, attemptsLeft: left } : m));
  return { ...card, means, verifiedUntil: right ? until : card.verifiedUntil };
}

/** What grants begins with the check: it says so in place of the dialog. */
function asked(view: DeskView, dialog: DeskDialog, at: number): DeskView {
  const { client } = view;
  if (dialog.is === "act" && client && needsCheck(dialog.act) && checkedFor(client.card, at) === 0)
    return { ...view, outcome: null, client: { ...client, check: { ...noCheck, before: dialog.act } } };
  return { ...view, outcome: null, dialog };
}
