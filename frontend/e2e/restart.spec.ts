import { expectAccessible } from "./axe.js";
import { logIn, openSession, orderLine, secondsLeft, timeLeft } from "./terminal.js";
import { expect, test } from "./test.js";

test("the server is killed and comes back: the terminal resumes, the session and the orders are there", async ({
  page,
  server,
}) => {
  await logIn(page);
  await openSession(page, server);
  await page.getByRole("button", { name: "Купить 10 SBER" }).click();
  await expect(orderLine(page, "SBER")).toContainText("10/10");

  await server.stop("SIGKILL");
  await expect(page.getByRole("status").filter({ hasText: "Нет связи, переподключаюсь…" })).toBeVisible();
  await expect(page.getByText("Состояния поручений могли устареть.")).toBeVisible();
  await expect(page.getByText("возможно, устарело")).toBeVisible();
  await expect(page.getByRole("button", { name: "Купить 10 SBER" })).toBeDisabled();
  await expectAccessible(page);
  const before = await secondsLeft(page);

  await server.start();
  await expect(page.getByRole("status").filter({ hasText: "Нет связи, переподключаюсь…" })).toBeHidden({
    timeout: 20_000,
  });
  await expect(timeLeft(page)).toBeVisible();
  expect(await secondsLeft(page)).toBeLessThanOrEqual(before);
  await page.getByRole("button", { name: "Купить 10 SBER" }).click();
  await expect(page.getByRole("row").filter({ hasText: "10/10" })).toHaveCount(2);
});

test("a polite stop is a short break", async ({ page, server }) => {
  await logIn(page);
  await openSession(page, server);
  await server.stop("SIGTERM");
  await server.start();
  await expect(page.getByText("На связи")).toBeVisible({ timeout: 20_000 });
  await expect(timeLeft(page)).toBeVisible();
});

test("an order whose answer was lost is sent again under the same id and exists once", async ({
  page,
  server,
}) => {
  const ids: number[] = [];
  let cut = false;
  await page.routeWebSocket("/ws", terminal => {
    const upstream = terminal.connectToServer();
    terminal.onMessage(text => {
      upstream.send(text);
      const [name, params] = JSON.parse(String(text));
      if (name !== "putTradeOrder") return;
      ids.push(params.user_order_id);
      cut = ids.length === 1;
      if (cut) setTimeout(() => terminal.close({ code: 4001 }), 300);
    });
    upstream.onMessage(text => {
      if (!cut) terminal.send(text);
    });
    terminal.onClose(() => {
      cut = false;
      void upstream.close();
    });
  });
  await logIn(page);
  await openSession(page, server);
  await page.getByRole("button", { name: "Купить 10 SBER" }).click();
  await expect(page.getByText(/Поручение № \d+ принято/)).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "10/10" })).toHaveCount(1);
  await page.reload();
  await expect(page.getByRole("row").filter({ hasText: "10/10" })).toHaveCount(1);
  expect(new Set(ids).size).toBe(1);
});
