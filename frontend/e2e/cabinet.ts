// What a client does in his cabinet, and what an operator does for him.

import { expect, type Locator, type Page } from "@playwright/test";
import type { Server } from "./server.js";

/** Waits of seconds where a client waits for minutes. */
export const quick = [
  ["--leave-grace", "3s"],
  ["--passcode-repeats", "2s"],
  ["--passcodes-per-hour", "50"],
  ["--passcodes-per-day", "50"],
  ["--phone-per-day", "50"],
].flat();

export async function openCabinet(page: Page, section: string): Promise<Locator> {
  await page.getByRole("button", { name: "Меню клиента" }).click();
  await page.getByRole("button", { name: section, exact: true }).click();
  const cabinet = page.getByRole("dialog", { name: section });
  await expect(cabinet).toBeVisible();
  return cabinet;
}

/** The newest text to that phone with all of these words, and the code in it. */
export async function text(server: Server, to: string, ...words: string[]): Promise<string> {
  let found: string | undefined;
  await expect
    .poll(async () => {
      const texts = (await server.texts()).filter(t => t.to === to);
      found = texts.findLast(t => words.every(w => t.text.includes(w)))?.text;
      return found;
    })
    .toBeDefined();
  return found ?? "";
}

export function codeIn(said: string): string {
  return /\b\d{6}\b/.exec(said)?.[0] ?? "";
}

export function otherThan(code: string): string {
  return code === "000000" ? "111111" : "000000";
}

export async function askToSign(cabinet: Locator): Promise<void> {
  await cabinet.getByRole("button", { name: "Получить код и подписать" }).click();
  await expect(cabinet.getByText(/Код №\d+ отправлен на/)).toBeVisible();
}

export async function enterSignature(cabinet: Locator, code: string, submit = "Подписать"): Promise<void> {
  await cabinet.getByLabel("SMS пароль").fill(code);
  await cabinet.getByRole("button", { name: submit, exact: true }).click();
}

/** Signs what is on the screen, by the code of the text that names it. */
export async function signWith(cabinet: Locator, server: Server, to: string, what: string): Promise<void> {
  await askToSign(cabinet);
  await enterSignature(cabinet, codeIn(await text(server, to, what, "Код")));
  await expect(cabinet.getByRole("alert")).toContainText("Поручение подписано и исполнено");
  await cabinet.getByRole("button", { name: "Готово" }).click();
}

export async function typePhone(cabinet: Locator, number: string): Promise<void> {
  await cabinet.getByLabel("Номер мобильного телефона").fill(number);
}

export async function addPhone(cabinet: Locator, server: Server, number: string, to: string): Promise<void> {
  await cabinet.getByRole("button", { name: "Добавить телефон" }).click();
  await typePhone(cabinet, number);
  await signWith(cabinet, server, to, masked(number));
  await expect(phoneLine(cabinet, number)).toBeVisible();
}

export function masked(phone: string): string {
  return `${phone.slice(0, -7)}•••${phone.slice(-4)}`;
}

export function phoneLine(cabinet: Locator, number: string): Locator {
  return cabinet.getByRole("listitem").filter({ hasText: masked(number) });
}

/** A login over HTTP, and its end: two events. */
export async function comeAndGo(server: Server): Promise<void> {
  const call = async (cmd: string, params: object, sid = "") => {
    const body = new URLSearchParams({ q: JSON.stringify({ cmd, params }) });
    const headers = sid ? { Cookie: `SID=${sid}` } : undefined;
    const response = await fetch(`${server.url}/api/`, { method: "POST", body, ...(headers && { headers }) });
    return response.json();
  };
  const { SID } = await call("authByLogin", { login: "demo", password: "demo" });
  await call("logout", {}, SID);
}

/** One of the demo's operators, who has the demo client on the phone. */
export class Operator {
  private cookie = "";

  constructor(
    private readonly server: Server,
    private readonly login: "anna" | "boris",
  ) {}

  async start(): Promise<this> {
    const all = await (await fetch(`${this.server.url}/dev/operators`)).json();
    const known = all.find((o: { login: string }) => o.login === this.login);
    const { login, password, code } = known;
    await this.ask("deskLogin", { login, password, code });
    return this;
  }

  async ask(command: string, params: object): Promise<Record<string, never>> {
    const response = await fetch(`${this.server.url}/desk/api/${command}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Cookie: this.cookie },
      body: JSON.stringify(params),
    });
    const cookie = response.headers.getSetCookie()[0];
    if (cookie) this.cookie = cookie.split(";")[0] ?? "";
    const said = await response.json();
    if (said.error) throw new Error(`${command}: ${said.error}`);
    return said;
  }

  async verify(): Promise<void> {
    const says = { client: "100001", name: "Демидов Пётр Ильич", code: "100001", voicePassword: "ромашка" };
    await this.ask("deskVerify", says);
  }
}
