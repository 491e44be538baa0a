import { away, closeTab, enterLogin, logIn, openSession, orderLine, timeLeft } from "./terminal.js";
import { expect, test } from "./test.js";

test("another client in a second tab stops the first one", async ({ page, context, server }) => {
  await logIn(page);
  const second = await context.newPage();
  await second.goto("/");
  await second.getByRole("button", { name: "Выйти" }).waitFor();
  await context.clearCookies();
  await second.reload();
  await enterLogin(second, "second", "second");
  await expect(second.getByRole("button", { name: "Выйти" })).toBeVisible();

  await page.bringToFront();
  await expect(page.getByRole("heading", { name: "В этом браузере вошёл другой клиент" })).toBeVisible();
  await expect(page.getByRole("alert")).toContainText("demo (100001)");
  await expect(page.getByRole("table")).toHaveCount(0);
  await page.getByRole("button", { name: "Перезагрузить вкладку" }).click();
  await page.getByRole("button", { name: "Меню клиента" }).click();
  await expect(page.getByText("Клиент 100002")).toBeVisible();
  expect(await server.texts()).toEqual([]);
});

test("two tabs of one client share the session; closing one keeps it", async ({ page, context, server }) => {
  await logIn(page);
  const second = await context.newPage();
  await second.goto("/");
  await openSession(page, server);
  await expect(timeLeft(second)).toBeVisible();
  await closeTab(second);
  await page.waitForTimeout(4_000);
  await expect(timeLeft(page)).toBeVisible();
});

test("a session of another device is listed, and closed from here", async ({ page, browser, server }) => {
  await logIn(page);
  const elsewhere = await browser.newContext({ baseURL: server.url, locale: "ru-RU" });
  const other = await elsewhere.newPage();
  await logIn(other);
  await openSession(other, server);
  const list = page.getByRole("region", { name: "Сессии безопасности" });
  await expect(list.getByRole("listitem")).toHaveCount(1);
  await expect(timeLeft(page)).toBeHidden();
  await list.getByRole("button", { name: "Закрыть всё" }).click();
  await expect(timeLeft(other)).toBeHidden();
  await expect(list.getByText("Открытых сессий нет.")).toBeVisible();
  await elsewhere.close();
});

test.describe("a client of two devices", () => {
  test.use({ flags: ["--leave-grace", "3s", "--passcode-repeats", "1s"] });

  test("what became of the orders meanwhile is told on return", async ({
    page,
    context,
    browser,
    server,
  }) => {
    await logIn(page);
    await openSession(page, server);
    await closeTab(page);

    const elsewhere = await browser.newContext({ baseURL: server.url, locale: "ru-RU" });
    const other = await elsewhere.newPage();
    await logIn(other);
    await openSession(other, server);
    await other.getByRole("button", { name: "Купить 10 SBER" }).click();
    await expect(orderLine(other, "SBER")).toContainText("10/10");
    await elsewhere.close();

    const again = await context.newPage();
    await again.goto("/");
    await expect(away(again)).toContainText(/SBER: куплено 10 по \d+,\d\d/);
    await expect(away(again)).toContainText(/Сессия закрыта в \d\d:\d\d/);
  });
});
