// What a client does at the terminal, in his words.

import { expect, type Locator, type Page } from "@playwright/test";
import type { Server } from "./server.js";

export async function logIn(page: Page, login = "demo", password = login): Promise<void> {
  await page.goto("/");
  await enterLogin(page, login, password);
  await expect(page.getByRole("button", { name: "Выйти" })).toBeVisible();
}

export async function enterLogin(page: Page, login: string, password: string): Promise<void> {
  await page.getByLabel("Логин").fill(login);
  await page.getByLabel("Пароль", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Войти" }).click();
}

export async function openPanel(page: Page): Promise<Locator> {
  await page.getByRole("banner").getByRole("button", { name: "Открыть сессию безопасности" }).click();
  const panel = page.getByRole("dialog", { name: "Открыть сессию безопасности" });
  await expect(panel).toBeVisible();
  return panel;
}

export async function askForCode(panel: Locator): Promise<void> {
  await panel.getByRole("button", { name: "Получить пароль по SMS" }).click();
  await expect(panel.getByText(/Код №\d+ отправлен на/)).toBeVisible();
}

export async function enterCode(panel: Locator, code: string): Promise<void> {
  await panel.getByLabel("SMS пароль").fill(code);
  await panel.getByRole("button", { name: "Открыть сессию" }).click();
}

/** The code of the newest text to that phone, once there are more than so many texts. */
export async function codeFrom(server: Server, to = "+79031111111", after = 0): Promise<string> {
  let code: string | undefined;
  await expect
    .poll(async () => {
      const text = (await server.texts()).slice(after).findLast(t => t.to === to);
      code = text && /\b\d{6}\b/.exec(text.text)?.[0];
      return code;
    })
    .toBeDefined();
  return code ?? "";
}

export async function openSession(page: Page, server: Server, phone?: string): Promise<void> {
  const panel = await openPanel(page);
  const before = (await server.texts()).length;
  await askForCode(panel);
  await enterCode(panel, await codeFrom(server, phone, before));
  await expect(timeLeft(page)).toBeVisible();
}

export function timeLeft(page: Page): Locator {
  return page.getByRole("timer", { name: "До конца сессии" });
}

/** Seconds on the clock of the session. */
export async function secondsLeft(page: Page): Promise<number> {
  const [h = 0, m = 0, s = 0] = ((await timeLeft(page).textContent()) ?? "").split(":").map(Number);
  return (h * 60 + m) * 60 + s;
}

export function orderLine(page: Page, ticker: string): Locator {
  return page
    .getByRole("row")
    .filter({ has: page.getByRole("rowheader", { name: ticker }) })
    .filter({ hasText: /№/ })
    .first();
}

export function away(page: Page): Locator {
  return page.getByRole("region", { name: "Пока вас не было" });
}

/** As a person does it: the page gets to say that it leaves. */
export async function closeTab(page: Page): Promise<void> {
  const closed = page.waitForEvent("close");
  await page.close({ runBeforeUnload: true });
  await closed;
}
