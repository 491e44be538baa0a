import { expect, test } from "vitest";
import { connected, documentRow, event, happens, iso, NOON, opened, viewAfter } from "../test/told";
import { awayLines } from "./away";
import { primaryOf } from "./phones";
import type { Happening } from "./told";

const phones: Happening = {
  is: "phones",
  answer: {
    phones: [
      { id: 1, phone: "+7903•••1111", primary: true, verified: true, since: null, safety_type_id: 0 },
      { id: 2, phone: "+7903•••2222", primary: false, verified: false, since: iso(NOON), safety_type_id: 3 },
    ],
    quarantineUntil: null,
  },
};
const logged = (seq: number) => ({
  seq,
  at: iso(NOON),
  event: "login.opened",
  data: { login: 9, label: "Firefox, Linux", failed: 0 } as never,
});

test("the list of phones says which one is the primary", () => {
  const view = viewAfter(...connected, phones);
  expect(primaryOf(view.phones)?.number).toBe("+7903•••1111");
  expect(view.phones.list?.[1]).toMatchObject({ since: NOON, verified: false });
});

test("whatever may change the list asks for it again", () => {
  const view = viewAfter(
    ...connected,
    phones,
    happens(event("phone.added", { id: 3, phone: "+7903•••3333" }, 1)),
    happens(event("phone.removed", { id: 2, phone: "+7903•••2222" }, 2)),
    happens(opened(3)),
  );
  expect(view.phones.changes).toBe(3);
});

test("changes of phones, acts of operators and disconnected means are told aloud on every terminal", () => {
  const view = viewAfter(
    ...connected,
    happens(event("phone.added", { id: 3, phone: "+7903•••3333" }, 1)),
    happens(event("phone.changed", { id: 3, phone: "+7903•••3333", quarantineUntil: null }, 2)),
    happens(event("operator.acted", { operator: "Анна Л.", act: "close_sessions", reason: "звонок" }, 3)),
    happens(event("means.disconnected", { means: 3 }, 4)),
  );
  expect(view.journal.toasts).toEqual([1, 2, 3, 4]);
});

test("an operator's proposal is told aloud, the client's own draft is on his screen already", () => {
  const own = event("document.drafted", { document: documentRow() }, 1);
  const proposal = event(
    "document.drafted",
    { document: documentRow({ id: 9, loginId: 0, operator: "А" }) },
    2,
  );
  expect(viewAfter(...connected, happens(own), happens(proposal)).journal.toasts).toEqual([2]);
});

test("what happened to phones and means while nobody looked is told on return", () => {
  const view = viewAfter(
    { is: "connecting", attempt: 0 },
    { is: "resume", from: 5, newcomer: false },
    happens(event("phone.changed", { id: 3, phone: "+7903•••3333", quarantineUntil: null }, 6), "missed"),
    happens(event("means.disconnected", { means: 3 }, 7), "missed"),
    { is: "caughtUp", seq: 7 },
  );
  expect(awayLines(view.away, view.orders).map(l => l.is)).toEqual(["told", "told"]);
});

test("the history of security events grows at the top by what happens, at the end by older pages", () => {
  const view = viewAfter(
    ...connected,
    { is: "securityEvents", rows: [logged(8)], older: false },
    happens(event("means.unblocked", { means: 3 }, 9)),
    happens(event("order.working", { order_id: 1 }, 10)),
    { is: "securityEvents", rows: [logged(3)], older: true },
  );
  expect(view.security.events?.map(e => e.seq)).toEqual([9, 8, 3]);
  expect(view.security.more).toBe(false);
});

test("what the server leaves out of the history does not come in on top of it either", () => {
  const leftOut = [
    event("login.seen", { login: 9 }, 9),
    event("login.attempted", { left: 4 }, 10),
    event("voice.attempted", { operator: "А", left: 2 }, 11),
    event("terminal.attached", { login: 9 }, 12),
    event("terminal.gone", { login: 9, closesAt: null }, 13),
  ];
  const view = viewAfter(
    ...connected,
    { is: "securityEvents", rows: [logged(8)], older: false },
    ...leftOut.map(e => happens(e)),
  );
  expect(view.security.events?.map(e => e.seq)).toEqual([8]);
});

test("old events name the devices that the journal has forgotten", () => {
  const view = viewAfter(...connected, { is: "securityEvents", rows: [logged(3)], older: false });
  expect(view.journal.labels[9]).toBe("Firefox, Linux");
});

test("before the history is opened, events do not pile up in it", () => {
  expect(viewAfter(...connected, happens(opened(1))).security.events).toBeNull();
});
