import { expect, test } from "vitest";
import { documentRow, event, iso, NOON } from "../test/told";
import { documentsAfter, documentsAfterAnswer, history, noDocuments, waiting } from "./documents";
import type { Happening } from "./told";

const drafted = (change = {}) => event("document.drafted", { document: documentRow(change) }, 1);
const page = (rows: ReturnType<typeof documentRow>[], before: number | null = null): Happening => ({
  is: "documents",
  rows,
  drafts: [],
  repeatAt: null,
  before,
  phone: "",
});
const done = (id: number) => documentRow({ id, status: "accepted", expiresAt: null });
const many = (newest: number, n: number) => Array.from({ length: n }, (_, i) => done(newest - i));

test("a drafted order waits until it is signed", () => {
  const one = documentsAfter(noDocuments, drafted());
  expect(waiting(one, NOON).map(d => d.id)).toEqual([1018]);
  const signed = documentsAfter(one, event("document.signed", { id: 1018, means: 3, confirmedBy: "" }, 2));
  expect(waiting(signed, NOON)).toEqual([]);
  const accepted = documentsAfter(signed, event("document.accepted", { id: 1018 }, 3));
  expect(accepted.byId[1018]).toMatchObject({ status: "accepted", signedBy: 3, expiresAt: null });
});

test("what was not signed in time waits no longer, whether or not it was told yet", () => {
  const one = documentsAfter(noDocuments, drafted({ expiresAt: iso(NOON + 1000) }));
  expect(waiting(one, NOON + 1000)).toEqual([]);
});

test("a cancelled order keeps its reason", () => {
  const one = documentsAfter(noDocuments, drafted());
  const event_ = event("document.cancelled", { id: 1018, end: "declined", by: "" }, 2);
  expect(documentsAfter(one, event_).byId[1018]).toMatchObject({ status: "cancelled", end: "declined" });
});

test("a row that was read before the end does not bring an order back", () => {
  const one = documentsAfter(noDocuments, drafted());
  const ended = documentsAfter(one, event("document.accepted", { id: 1018 }, 2));
  expect(documentsAfterAnswer(ended, page([documentRow()])).byId[1018]?.status).toBe("accepted");
});

test("pages follow one another, and the last one is known by its length", () => {
  const first = documentsAfterAnswer(noDocuments, page(many(200, 50)));
  expect(first.more).toBe(true);
  expect(history(first)).toHaveLength(50);
  const second = documentsAfterAnswer(first, page(many(150, 7), 151));
  expect(second.more).toBe(false);
  expect(history(second).map(d => d.id)).toEqual([...many(200, 57)].map(d => d.id));
});

test("after a broken connection the pages on show stay, if the newest one reaches them", () => {
  const first = documentsAfterAnswer(noDocuments, page(many(200, 50)));
  const both = documentsAfterAnswer(first, page(many(150, 7), 151));
  const again = documentsAfterAnswer(both, page(many(201, 50)));
  expect(history(again)).toHaveLength(58);
  expect(again.more).toBe(false);
});

test("a newest page that does not reach the pages on show starts over, so that no hole is hidden", () => {
  const first = documentsAfterAnswer(noDocuments, page(many(100, 50)));
  const far = documentsAfterAnswer(first, page(many(300, 50)));
  expect(history(far).map(d => d.id)).toEqual(many(300, 50).map(d => d.id));
  expect(far.more).toBe(true);
});

test("a draft that is older than the page waits all the same", () => {
  const drafts = [{ document: documentRow({ id: 5 }), pending: null }];
  const rows = many(200, 50);
  const both = documentsAfterAnswer(noDocuments, {
    is: "documents",
    rows,
    drafts,
    repeatAt: null,
    before: null,
    phone: "",
  });
  expect(waiting(both, NOON).map(d => d.id)).toEqual([5]);
  expect(history(both).map(d => d.id)).not.toContain(5);
});

test("kinds are told apart by their number, an unknown one is kept", () => {
  const contentOf = (change = {}) => documentsAfter(noDocuments, drafted(change)).byId[1018]?.content;
  expect(contentOf()).toEqual({
    is: "phones",
    action: "add",
    phone: "+7903•••2222",
    old: "",
    primary: false,
  });
  expect(contentOf({ docId: 193, data: { safetyTypeId: 3 } })).toEqual({ is: "disconnect", means: 3 });
  expect(contentOf({ docId: 365, data: { safetyTypeId: 6 } })).toEqual({ is: "restore", means: 6 });
  expect(contentOf({ docId: 777, data: {} })).toEqual({ is: "other", docId: 777 });
});
