import { expect, test } from "vitest";
import { instant } from "../view/figures";
import type { Entry } from "./acts";
import { MINUTE } from "./test/rows";
import { CODE, FakeServer, FakeWorld, Page, settle } from "./test/world";
import { checkedFor, forMe } from "./view";

const entry: Entry = { number: "+79054445566", primary: true, reason: "Сменил номер" };

async function twoDesks(): Promise<[Page, Page]> {
  const server = new FakeServer();
  const a = await new Page(new FakeWorld(server)).login("anna");
  const b = await new Page(new FakeWorld(server)).login("boris");
  return [a, b];
}

test("without a login the login screen is shown, and says nothing", async () => {
  const page = new Page();
  await page.desk.start();
  expect(page.view).toMatchObject({ stage: "signedOut", farewell: null });
  expect(page.server.count("deskPending")).toBe(0);
});

test("a desk that is still logged in goes on after a reload", async () => {
  const first = await new Page().login();
  const reloaded = new Page(first.world);
  await reloaded.desk.start();
  expect(reloaded.view).toMatchObject({ stage: "desk", operator: { login: "anna" } });
});

test("a server that cannot be reached is tried again", async () => {
  const page = new Page();
  page.server.reachable = false;
  await page.desk.start();
  expect(page.view).toMatchObject({ stage: "starting", lost: true });
  page.server.reachable = true;
  await page.world.pass(3_000);
  expect(page.view.stage).toBe("signedOut");
});

test("a wrong code comes back as the refusal, and no desk opens", async () => {
  const page = new Page();
  await page.desk.start();
  expect((await page.desk.login("anna", "x", "000000"))?.reason).toBe("desk_login_failed");
  expect(page.view.stage).toBe("signedOut");
  expect(await page.desk.login("anna", "x", CODE)).toBeNull();
  expect(page.view.stage).toBe("desk");
});

test("a search waits until the typing rests, and for three characters", async () => {
  const page = await new Page().login();
  page.desk.typed("де");
  await page.world.pass(1_000);
  expect(page.server.count("deskFind")).toBe(0);
  page.desk.typed("дем");
  await page.world.pass(200);
  page.desk.typed("деми");
  await page.world.pass(299);
  expect(page.server.count("deskFind")).toBe(0);
  await page.world.pass(1);
  expect(page.server.count("deskFind")).toBe(1);
  expect(page.view.search).toMatchObject({ by: "деми", found: [{ code: "100001" }] });
});

test("an answer to an older search does not replace the newer one", async () => {
  const page = await new Page().login();
  page.desk.typed("демидов");
  const late = page.desk.find();
  page.desk.typed("никто");
  await late;
  expect(page.view.search.found).toEqual([]);
});

test("a wrong voice password leaves fewer tries, the right one opens the time for acting", async () => {
  const page = await (await new Page().login()).open();
  await page.verify("роза");
  expect(page.view.client?.check.is).toBe("wrong");
  expect(page.view.client?.card?.means[2]?.attemptsLeft).toBe(2);
  await page.verify();
  expect(checkedFor(page.view.client?.card ?? null, page.server.at)).toBe(15 * MINUTE);
});

test("the voice password stays nowhere in the view", async () => {
  const page = await (await new Page().login()).open();
  await page.verify("роза");
  await page.verify();
  expect(JSON.stringify(page.view)).not.toMatch(/роза|сирень/);
});

test("a new phone waits for the second operator, who sees it in three seconds and confirms", async () => {
  const [a, b] = await twoDesks();
  await a.open();
  await a.verify();
  expect(await a.desk.act({ is: "addPhone" }, entry)).toBeNull();
  expect(a.view.outcome).toMatchObject({ is: "waits", document: { status: "drafted" } });
  expect(forMe(a.view)).toEqual([]);
  expect(a.view.pending[0]?.own).toBe(true);

  await b.world.pass(3_000);
  const [row] = forMe(b.view);
  expect(row?.document).toMatchObject({ operator: "Анна Смирнова", reason: "Сменил номер" });
  expect(row && (await b.desk.confirm(row))).toBeNull();
  expect(b.view.outcome).toMatchObject({ is: "confirmed", name: "Демидов Пётр Ильич" });
  expect(b.view.pending).toEqual([]);
});

test("nobody confirms his own proposal", async () => {
  const page = await (await new Page().login()).open();
  await page.verify();
  await page.desk.act({ is: "addPhone" }, entry);
  const row = page.view.pending[0];
  expect(row && (await page.desk.confirm(row))?.reason).toBe("self_confirmation");
  expect(row && (await page.desk.decline(row))).toBeNull();
  expect(page.view).toMatchObject({ outcome: { is: "withdrawn" }, pending: [] });
});

test("the card is read again when another operator has decided, and not at every poll", async () => {
  const [a, b] = await twoDesks();
  await a.open();
  await a.verify();
  await a.desk.act({ is: "addPhone" }, entry);
  const before = a.server.count("deskClient");
  await a.world.pass(30_000);
  expect(a.server.count("deskClient")).toBe(before);
  await b.world.pass(3_000);
  const [row] = forMe(b.view);
  if (row) await b.desk.confirm(row);
  await a.world.pass(3_000);
  expect(a.server.count("deskClient")).toBe(before + 1);
});

test("an act is followed by one look at the card", async () => {
  const page = await (await new Page().login()).open();
  await page.verify();
  const before = page.server.count("deskClient");
  await page.desk.act({ is: "addPhone" }, entry);
  expect(page.server.count("deskClient")).toBe(before + 1);
});

test("what protects is done at once, without a check", async () => {
  const page = await (await new Page().login()).open();
  expect(await page.desk.act({ is: "disconnect", means: 3 }, entry)).toBeNull();
  expect(page.view.outcome).toMatchObject({ is: "done" });
  expect(await page.desk.act({ is: "closeSessions" }, entry)).toBeNull();
  expect(page.view.outcome).toEqual({ is: "closed", sessions: 1 });
  expect(await page.desk.act({ is: "revokeToken" }, entry)).toBeNull();
  expect(page.view.outcome).toEqual({ is: "revoked" });
});

test("a refused act keeps the dialog, with the reason", async () => {
  const page = await (await new Page().login()).open();
  await page.verify();
  const refusal = await page.desk.act({ is: "addPhone" }, { ...entry, number: "89054445566" });
  expect(refusal?.reason).toBe("phone_needs_country");
  expect(page.view.outcome).toBeNull();
});

test("an unused desk ends by itself, though its queue is polled, and keeps the search", async () => {
  const page = await (await new Page().login()).open();
  page.desk.typed("демидов");
  await page.world.pass(29 * MINUTE);
  expect(page.view.stage).toBe("desk");
  await page.world.pass(2 * MINUTE);
  expect(page.view).toMatchObject({
    stage: "signedOut",
    farewell: "idle",
    search: { query: "демидов", found: [] },
    client: { code: "100001", card: null },
  });
  expect(page.world.operator).toBeNull();
  await page.login();
  expect(page.view).toMatchObject({ stage: "desk", search: { query: "демидов", by: "демидов" } });
  expect(page.view.client?.card?.name).toBe("Демидов Пётр Ильич");
});

test("a login that the server has ended leads to the login screen, and another operator finds it empty", async () => {
  const page = await (await new Page().login()).open();
  page.desk.typed("демидов");
  page.world.operator = null;
  await page.world.pass(3_000);
  expect(page.view).toMatchObject({ stage: "signedOut", farewell: "idle" });
  await page.login("boris");
  expect(page.view).toMatchObject({ stage: "desk", client: null, search: { query: "" } });
});

test("a client who is gone takes his card along, and the operator stays", async () => {
  const page = await (await new Page().login()).open();
  page.server.gone = true;
  await page.desk.refresh();
  expect(page.view).toMatchObject({
    stage: "desk",
    client: { card: null, refusal: { reason: "unknown_client" } },
  });
});

test("leaving forgets everything at once", async () => {
  const page = await (await new Page().login()).open();
  await page.desk.logout();
  expect(page.view).toMatchObject({ stage: "signedOut", farewell: "logout", client: null, operator: null });
});

test("a lost server is told and comes back", async () => {
  const page = await new Page().login();
  page.server.reachable = false;
  await page.world.pass(3_000);
  expect(page.view).toMatchObject({ stage: "desk", lost: true });
  page.server.reachable = true;
  await page.world.pass(3_000);
  await settle();
  expect(page.view.lost).toBe(false);
});

test("deadlines are compared with the server's clock", async () => {
  const page = await (await new Page().login()).open();
  await page.verify();
  const until = instant(page.view.client?.card?.verifiedUntil);
  expect(until).toBe(page.desk.clock.now() + 15 * MINUTE);
});
