// What an operator does at the desk, in his words; and the authenticator in his pocket.

import { createHmac } from "node:crypto";
import { expect, type Locator, type Page } from "@playwright/test";
import { test as base } from "./test.js";

/** The operators of --demo, as cmd/vakhta/operators_demo.go publishes them. */
const operators = {
  anna: { password: "anna-at-the-desk", secret: "VAKHTADEMOANNAVAKHTADEMOANNA2345" },
  boris: { password: "boris-at-the-desk", secret: "VAKHTADEMOBORISVAKHTADEMOBORIS23" },
};

export type OperatorLogin = keyof typeof operators;

/** The demo client, as he answers on the phone. */
export const caller = { name: "Демидов Пётр Ильич", code: "100001", voice: "ромашка" };

const STEP = 30;

/** RFC 6238; the step after this one is good already, so a second login need not wait. */
export function totp(login: OperatorLogin, later = 0): string {
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / STEP) + later));
  const digest = createHmac("sha1", base32(operators[login].secret)).update(step).digest();
  const number = digest.readUInt32BE((digest.at(-1) ?? 0) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

function base32(text: string): Buffer {
  const bits = [...text].map(c => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0"));
  const bytes = bits.join("").match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map(b => Number.parseInt(b, 2)));
}

/** A code that is none of the good ones. */
export function wrongCode(login: OperatorLogin): string {
  const good = [-2, -1, 0, 1, 2].map(later => totp(login, later));
  return ["000000", "111111", "222222", "333333", "444444", "555555"].find(c => !good.includes(c)) ?? "";
}

interface Own {
  /** Opens the desk in a browser of its own. */
  openDesk: () => Promise<Page>;
}

export const test = base.extend<Own>({
  openDesk: async ({ browser }, use) => {
    const complaints: string[] = [];
    const opened: Page[] = [];
    await use(async () => {
      const page = await (await browser.newContext()).newPage();
      opened.push(page);
      page.on("pageerror", error => complaints.push(String(error)));
      page.on("console", message => {
        if (message.text().includes("Content Security Policy")) complaints.push(message.text());
      });
      await page.goto("/desk");
      return page;
    });
    for (const page of opened) await page.context().close();
    expect(complaints).toEqual([]);
  },
});

export { expect };

export async function enterDesk(
  page: Page,
  login: string,
  code: string,
  password = operators[login as OperatorLogin]?.password ?? "some long password",
): Promise<void> {
  await page.getByLabel("Логин").fill(login);
  await page.getByLabel("Пароль", { exact: true }).fill(password);
  await page.getByLabel(/Код аутентификатора/).fill(code);
  await page.getByRole("button", { name: "Войти" }).click();
}

export async function logInDesk(page: Page, login: OperatorLogin, later = 0): Promise<Page> {
  await enterDesk(page, login, totp(login, later));
  await expect(page.getByRole("heading", { name: "Поиск клиента" })).toBeVisible();
  return page;
}

/** By keyboard alone: type, and Enter on the first line. */
export async function openCard(page: Page, query = caller.name): Promise<void> {
  await page.getByRole("combobox").fill(query);
  await expect(page.getByRole("option").first()).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

/** What the client says on the phone. */
export async function check(page: Page, said = caller): Promise<void> {
  const form = page.getByRole("region", { name: "Проверка клиента" });
  await form.getByLabel("Полное имя").fill(said.name);
  await form.getByLabel("Код клиента").fill(said.code);
  await form.getByLabel("Голосовой пароль").fill(said.voice);
  await form.getByRole("button", { name: "Проверить" }).click();
}

export async function expectChecked(page: Page): Promise<void> {
  await expect(page.getByText(/проверен до \d\d:\d\d, ещё 1[45]:\d\d/)).toBeVisible();
}

/** Gives the reason and goes on. */
export async function because(page: Page, reason: string, button: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/Причина/).fill(reason);
  await dialog.getByRole("button", { name: button, exact: true }).click();
}

/** What protects is asked once more. */
export async function protect(page: Page, act: string, reason: string): Promise<void> {
  await page.getByRole("main").getByRole("button", { name: act }).click();
  await because(page, reason, "Далее");
  await page
    .getByRole("dialog")
    .getByText(/Точно\?/)
    .waitFor();
  await page.getByRole("dialog").getByRole("button", { name: act }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
}

export function queue(page: Page): Locator {
  return page.getByRole("region", { name: "Ждут подтверждения" });
}

/** The second operator looks at what waits, and confirms. */
export async function confirmFirst(page: Page): Promise<void> {
  await queue(page)
    .getByRole("button", { name: /^Подтвердить:/ })
    .first()
    .click();
  await page.getByRole("dialog").getByRole("button", { name: "Подтвердить", exact: true }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
}

/** The desk's door without its page. */
export async function ask(page: Page, command: string, data: object): Promise<{ reason?: string }> {
  const headers = { Origin: new URL(page.url()).origin };
  return (await page.request.post(`/desk/api/${command}`, { data, headers })).json();
}
