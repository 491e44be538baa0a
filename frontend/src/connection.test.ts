import { expect, test } from "vitest";
import { demo, NOON, sessionRow } from "./test/told";
import { FakeWorld, Terminal } from "./test/world";

const attached = { login: 17 };

test("without a SID the login screen is shown and no socket opened", async () => {
  const t = new Terminal();
  t.world.http.getSidInfo = { SID: null, user_id: null };
  await t.connection.start();
  expect(t.view.stage).toBe("signedOut");
  expect(t.world.sockets).toHaveLength(0);
});

test("a server that cannot be reached is tried again", async () => {
  const t = new Terminal();
  delete t.world.http.getSidInfo;
  await t.connection.start();
  expect(t.view).toMatchObject({ stage: "starting", link: { is: "lost" } });
  t.world.http.getSidInfo = { SID: "x", user_id: 1 };
  await t.world.pass(1000);
  expect(t.world.sockets).toHaveLength(1);
});

test("the first frame starts the subscriptions: events first, then snapshots and quotes", async () => {
  const t = await new Terminal().start();
  const names = t.socket.sent.map(f => f[0]);
  expect(names).toEqual(["events", "orders", "sessions", "quotes", "getSafetyTypes"]);
  expect(t.sent("quotes")).toEqual([["SBER"]]);
  expect(t.view.link.is).toBe("resuming");
  await t.answer("events", { seq: 0 });
  expect(t.view.link.is).toBe("up");
});

test("a wrong password comes back as the refusal, a right one connects", async () => {
  const t = new Terminal();
  t.world.http.authByLogin = new Error("wrong_password");
  expect((await t.connection.login("demo", "no", false))?.reason).toBe("wrong_password");
  expect(t.world.sockets).toHaveLength(0);
  t.world.http.authByLogin = { success: true, userId: 1 };
  expect(await t.connection.login("demo", "demo", true)).toBeNull();
  expect(t.world.sockets).toHaveLength(1);
  expect(JSON.stringify([...t.world.tab, ...t.world.browser])).not.toContain("demo");
});

test("a SID that the server does not know leads to the login screen", async () => {
  const t = await new Terminal().start({ ...demo, isDemo: true });
  expect(t.view).toMatchObject({ stage: "signedOut", farewell: "login_ended" });
});

test("a lost connection comes back with growing waits", async () => {
  const t = await new Terminal().start();
  for (const wait of [375, 750, 1500, 3000]) {
    await t.breakOff();
    expect(t.view.link).toMatchObject({ is: "lost", retryAt: t.world.at + wait });
    await t.world.pass(wait);
  }
  expect(t.world.sockets).toHaveLength(5);
});

test("a draining server is asked again sooner", async () => {
  const t = await new Terminal().start();
  await t.breakOff(4000);
  expect(t.view.link).toMatchObject({ is: "lost", retryAt: NOON + 500 });
});

test("4500 ends the login and says why", async () => {
  const t = await new Terminal().start();
  await t.answer("events", { seq: 0 });
  t.hear("login.closed", { login: 17, reason: "password_changed" }, 1);
  t.world.http.getSidInfo = { SID: null, user_id: null };
  await t.breakOff(4500);
  expect(t.view).toMatchObject({ stage: "signedOut", farewell: "password_changed" });
});

test("4500 with a good cookie means that another tab logged in anew: come back", async () => {
  const t = await new Terminal().start();
  await t.breakOff(4500);
  expect(t.world.sockets).toHaveLength(2);
  await t.breakOff(4500);
  expect(t.view.stage).toBe("signedOut");
});

test("4501 does not come back", async () => {
  const t = await new Terminal().start();
  await t.breakOff(4501);
  await t.world.pass(60_000);
  expect(t.view.stage).toBe("fault");
  expect(t.world.sockets).toHaveLength(1);
});

test("logging out tells the server and forgets the client", async () => {
  const t = await new Terminal().start();
  t.world.http.logout = {};
  expect(await t.connection.logout()).toBeNull();
  expect(t.view).toMatchObject({ stage: "signedOut", farewell: "logout", user: null });
  expect(t.socket.closed).toBe(true);
});

test("another client's frame after a reconnect stops the tab before anything is mixed", async () => {
  const t = await new Terminal().start();
  await t.breakOff();
  await t.world.pass(1000);
  t.hear("userData", { ...demo, login: "second", clientCode: "100002" });
  expect(t.view).toMatchObject({ stage: "foreign", foreign: { shown: "demo (100001)", now: "second" } });
  await t.world.pass(60_000);
  expect(t.world.sockets).toHaveLength(2);
});

test("another client's cookie is noticed when the tab comes to the front", async () => {
  const t = await new Terminal().start();
  t.world.http.getSidInfo = { SID: "y", user_id: 2 };
  await t.connection.wake();
  expect(t.view.stage).toBe("foreign");
  expect(t.sent("leaveTerminal")).toHaveLength(1);
  expect(t.socket.closed).toBe(true);
});

test("closing the tab says so by the socket and by a beacon with the terminal's number", async () => {
  const t = await new Terminal().start();
  t.connection.leave();
  expect(t.sent("leaveTerminal")).toHaveLength(1);
  expect(t.world.beacons).toEqual([["leaveTerminal", { terminal: 3 }]]);
});

test("a server that falls silent is left for a new connection", async () => {
  const t = await new Terminal().start();
  t.world.at += 60_000;
  t.connection.watch();
  expect(t.socket.closed).toBe(false);
  t.world.at += 20_000;
  t.connection.watch();
  expect(t.world.sockets[0]?.closed).toBe(true);
});

test("after sleep a connection that does not answer is replaced", async () => {
  const t = await new Terminal().start();
  t.world.at += 3_600_000;
  await t.connection.wake();
  await t.world.pass(6_000);
  expect(t.world.sockets[0]?.closed).toBe(true);
  expect(t.world.sockets).toHaveLength(2);
});

test("the countdown goes by the server's clock, whatever this machine thinks", async () => {
  const world = new FakeWorld();
  const t = await new Terminal(world).start();
  t.hear("keepAlive", [], undefined, NOON + 3_600_000);
  expect(t.connection.clock.now()).toBe(NOON + 3_600_000);
  world.at += 10_000;
  t.hear("keepAlive", [], undefined, NOON + 3_610_000 - 300);
  expect(t.connection.clock.now()).toBe(NOON + 3_610_000);
});

test("the time of a replayed event does not turn the clock back", async () => {
  const t = await new Terminal().start();
  t.hear("terminal.attached", attached, 1, NOON - 3_600_000);
  expect(t.connection.clock.now()).toBe(NOON);
});

test("snapshots and quotes reach the view", async () => {
  const t = await new Terminal().start();
  t.hear("sessions", [sessionRow()], 4);
  t.hear("q", { c: "SBER", ltp: 300.12, init: 1 });
  expect(t.view.sessions).toMatchObject({ at: 4, all: [{ id: 9001, login: 17 }] });
  expect(t.view.prices.SBER?.last).toBe(300.12);
});

test("what is not a frame is passed over", async () => {
  const t = await new Terminal().start();
  for (const text of ["", "{", "[]", "{}", "[1]", '["unknown"]']) t.socket.onmessage?.(text);
  expect(t.view.stage).toBe("terminal");
});

test("what changes the means has them read again, but not while old events are being told", async () => {
  const t = await new Terminal().start();
  const asked = () => t.sent("getSafetyTypes").length;
  t.hear("phone.added", { id: 2, phone: "+7903•••2222" }, 1);
  expect(asked()).toBe(1); // at the start
  await t.answer("events", { seq: 1 });
  t.hear("means.disconnected", { means: 3 }, 2);
  t.hear("phone.changed", { id: 2, phone: "+7903•••2222", quarantineUntil: null }, 3);
  expect(asked()).toBe(3);
});
