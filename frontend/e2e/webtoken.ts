// A device with a profile of its own that outlives the browser, and what a client does with the WEB-token on it.

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  expect,
  type Locator,
  type Page,
} from "@playwright/test";
import { codeIn, openCabinet, text } from "./cabinet.js";
import type { Server } from "./server.js";
import { logIn, openPanel, openSession, timeLeft } from "./terminal.js";
import { test as base } from "./test.js";

export const PHONE = "+79031111111";
export const PIN = "470291";
export const OTHER_PIN = "581306";

/** The folder of a browser's profile: what a thief of the device would copy. */
export class Device {
  private context: BrowserContext | null = null;

  constructor(
    private readonly url: string,
    readonly folder: string,
    private readonly complaints: string[],
  ) {}

  /** Opens the browser with a page of the terminal, logged in. */
  async open(screen: BrowserContextOptions = {}): Promise<Page> {
    const { launchOptions, viewport, locale, timezoneId, colorScheme } = base.info().project.use;
    const usual = { viewport, locale, timezoneId, colorScheme } as BrowserContextOptions;
    const options = { ...launchOptions, ...usual, ...screen, baseURL: this.url };
    this.context = await chromium.launchPersistentContext(this.folder, options);
    const page = this.context.pages()[0] ?? (await this.context.newPage());
    this.watch(page);
    await logIn(page);
    return page;
  }

  async tab(): Promise<Page> {
    if (!this.context) throw new Error("the browser is closed");
    const page = await this.context.newPage();
    this.watch(page);
    await page.goto("/");
    return page;
  }

  async close(): Promise<void> {
    await this.context?.close();
    this.context = null;
  }

  private watch(page: Page): void {
    page.on("pageerror", error => this.complaints.push(String(error)));
    page.on("console", message => {
      if (message.text().includes("Content Security Policy")) this.complaints.push(message.text());
    });
  }
}

interface Own {
  /** A device, or a copy of one as it lies on the disk. */
  device: (copyOf?: Device) => Device;
}

export const test = base.extend<Own>({
  device: async ({ server }, use) => {
    const complaints: string[] = [];
    const made: Device[] = [];
    await use(copyOf => {
      const folder = mkdtempSync(join(tmpdir(), "vakhta-device-"));
      if (copyOf) cpSync(copyOf.folder, folder, { recursive: true });
      const device = new Device(server.url, folder, complaints);
      made.push(device);
      return device;
    });
    for (const device of made) {
      await device.close();
      rmSync(device.folder, { recursive: true, force: true });
    }
    expect(complaints).toEqual([]);
  },
});

export { expect };

export async function press(keypad: Locator, pin: string): Promise<void> {
  for (const digit of pin) await keypad.getByRole("button", { name: digit, exact: true }).click();
}

/** The steps of the manual, one by one. */
export async function generate(cabinet: Locator): Promise<void> {
  await cabinet.getByRole("button", { name: "Сгенерировать новую пару ключей" }).click();
  await expect(keypad(cabinet, "Придумайте ПИН-код")).toBeVisible();
}

export function keypad(within: Page | Locator, name = "ПИН-код"): Locator {
  return within.getByRole("group", { name, exact: true });
}

export async function choosePin(cabinet: Locator, pin: string, again = pin): Promise<void> {
  await press(keypad(cabinet, "Придумайте ПИН-код"), pin);
  await cabinet.getByRole("button", { name: "ОК", exact: true }).click();
  await press(keypad(cabinet, "Повторите ПИН-код"), again);
  await cabinet.getByRole("button", { name: "ОК", exact: true }).click();
}

/** Sends the order that is filled with the public key, and signs it by the code that names its fingerprint. */
export async function connect(cabinet: Locator, server: Server): Promise<string> {
  const fingerprint = (await cabinet.getByText(/^[0-9A-F]{4}-[0-9A-F]{4}$/).textContent()) ?? "";
  await cabinet.getByRole("button", { name: "Отправить поручение" }).click();
  const code = codeIn(await text(server, PHONE, fingerprint));
  await cabinet.getByLabel("SMS пароль").fill(code);
  await cabinet.getByRole("button", { name: "Подписать", exact: true }).click();
  await expect(cabinet.getByRole("alert")).toContainText("WEB-токен подключён");
  return fingerprint;
}

/** From a session by SMS to a connected token. */
export async function register(page: Page, server: Server, pin = PIN): Promise<string> {
  await openSession(page, server);
  const cabinet = await openCabinet(page, "Подключить WEB-токен");
  await generate(cabinet);
  await choosePin(cabinet, pin);
  const fingerprint = await connect(cabinet, server);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  return fingerprint;
}

/** The device keeps the token, so the panel opens at its tab. */
export async function enterPin(page: Page, pin = PIN): Promise<Locator> {
  const panel = await openPanel(page);
  await press(keypad(panel), pin);
  await panel.getByRole("button", { name: "Открыть сессию" }).click();
  return panel;
}

export async function openByPin(page: Page, pin = PIN): Promise<void> {
  await enterPin(page, pin);
  await expect(timeLeft(page)).toBeVisible();
  await expect(page.getByRole("dialog")).toBeHidden();
}

export async function closeSession(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Закрыть сессию: этот вход" }).click();
  await expect(timeLeft(page)).toBeHidden();
}

/** From the click that sends the PIN to the session on the screen. */
export async function measureOpening(page: Page, pin = PIN): Promise<number> {
  const panel = await openPanel(page);
  await press(keypad(panel), pin);
  const took = page.evaluate(
    () =>
      new Promise<number>(done => {
        let begun = 0;
        document.addEventListener("click", () => (begun = performance.now()), { capture: true, once: true });
        new MutationObserver((_, watch) => {
          if (!document.querySelector("[role=timer]")) return;
          watch.disconnect();
          done(performance.now() - begun);
        }).observe(document.body, { childList: true, subtree: true });
      }),
  );
  await panel.getByRole("button", { name: "Открыть сессию" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  return took;
}
