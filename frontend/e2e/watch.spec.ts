// «It must show», line 1, from start to end.

import {
  away,
  closeTab,
  enterLogin,
  openPanel,
  openSession,
  orderLine,
  secondsLeft,
  timeLeft,
} from "./terminal.js";
import { expect, test } from "./test.js";

test("the first watch: log in, open a session, buy, see it filled and the session extended, reload, leave", async ({
  page,
  context,
  browser,
  server,
}) => {
  await page.goto("/");
  await enterLogin(page, "demo", "demo");

  const panel = await openPanel(page);
  await panel.getByRole("button", { name: "Получить пароль по SMS" }).click();
  await expect(panel.getByText(/Код №1 отправлен на \+7903.*1111/)).toBeVisible();

  const phone = await context.newPage();
  await phone.goto("/dev/phone");
  const code = /\b\d{6}\b/.exec((await phone.getByTestId("sms").last().textContent()) ?? "")?.[0] ?? "";
  expect(code).toMatch(/^\d{6}$/);
  await phone.close();

  await panel.getByLabel("SMS пароль").fill(code);
  await panel.getByRole("button", { name: "Открыть сессию" }).click();
  await expect(timeLeft(page)).toHaveText(/^4:59:5\d$/);
  await expect(page).toHaveTitle(/^4:59:5\d · Вахта$/);

  // Long enough that the way back up to 5 hours cannot be mistaken for a slow clock.
  const full = 5 * 3600;
  await expect.poll(() => secondsLeft(page), { timeout: 30_000 }).toBeLessThan(full - 12);
  await page.getByLabel("Количество").fill("10");
  await page.getByRole("button", { name: "Купить 10 SBER" }).click();
  await expect(page.getByText(/Поручение № \d+ принято/)).toBeVisible();
  await expect.poll(() => secondsLeft(page), { intervals: [50] }).toBeGreaterThan(full - 10);

  const line = orderLine(page, "SBER");
  await expect(line).toContainText("исполнено");
  await expect(line).toContainText("10/10");
  await expect(page.getByText(/SBER: куплено 10 по \d+,\d\d/).first()).toBeVisible();

  await page.reload();
  await expect(timeLeft(page)).toHaveText(/^4:59:\d\d$/);
  await expect(orderLine(page, "SBER")).toContainText("10/10");
  await expect(away(page)).toBeHidden();

  await closeTab(page);
  await new Promise(done => setTimeout(done, 4_500)); // the leave-grace of 3 s, and some more

  const elsewhere = await browser.newContext({
    baseURL: server.url,
    locale: "ru-RU",
    timezoneId: "Europe/Moscow",
  });
  const second = await elsewhere.newPage();
  await second.goto("/");
  await enterLogin(second, "demo", "demo");
  await expect(away(second)).toContainText(/Сессия.* закрыта в \d\d:\d\d: терминал был закрыт/);
  await expect(second.getByRole("button", { name: "Открыть сессию безопасности" }).first()).toBeVisible();
  await expect(orderLine(second, "SBER")).toContainText("10/10");
  await elsewhere.close();
});

test("on return in the same browser: when and why the session was closed", async ({
  page,
  context,
  server,
}) => {
  await page.goto("/");
  await enterLogin(page, "demo", "demo");
  await openSession(page, server);
  await closeTab(page);
  await new Promise(done => setTimeout(done, 4_500));

  const again = await context.newPage();
  await again.goto("/");
  await expect(away(again)).toContainText(/Сессия закрыта в \d\d:\d\d: терминал был закрыт/);
  await away(again).getByRole("button", { name: "Закрыть" }).click();
  await expect(away(again)).toBeHidden();
});

test("«Выйти» closes the session at once", async ({ page, browser, server }) => {
  await page.goto("/");
  await enterLogin(page, "demo", "demo");
  await openSession(page, server);
  await page.getByRole("button", { name: "Выйти" }).click();
  await expect(page.getByText("Вы вышли из терминала. Сессия безопасности закрыта.")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Логин")).toBeVisible();

  const elsewhere = await browser.newContext({ baseURL: server.url, locale: "ru-RU" });
  const second = await elsewhere.newPage();
  await second.goto("/");
  await enterLogin(second, "demo", "demo");
  await second.getByRole("button", { name: /Журнал/ }).click();
  await expect(second.getByText("Сессия безопасности закрыта: вы вышли из терминала")).toBeVisible();
  await elsewhere.close();
});
