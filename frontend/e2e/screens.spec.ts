// Every screen: accessible, in both languages, in both themes, on a phone.

import { expectAccessible } from "./axe.js";
import { askForCode, codeFrom, enterCode, logIn, openPanel, openSession, orderLine } from "./terminal.js";
import { expect, test } from "./test.js";

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`the ${colorScheme} theme of the system`, () => {
    test.use({ colorScheme });

    test("axe finds nothing on any screen", async ({ page, server }) => {
      test.slow();
      await page.goto("/");
      await page.getByRole("button", { name: "Войти" }).click();
      await expectAccessible(page);
      await logIn(page);
      await expect(page.locator(".chart-box canvas").first()).toBeVisible();
      await expectAccessible(page);

      const panel = await openPanel(page);
      await expectAccessible(page);
      await panel.getByRole("tab", { name: "W-TOKEN" }).click();
      await expectAccessible(page);
      await panel.getByRole("tab", { name: "SMS" }).click();
      await askForCode(panel);
      const code = await codeFrom(server);
      await enterCode(panel, code === "000000" ? "111111" : "000000");
      await expect(panel.getByRole("alert")).toBeVisible();
      await expectAccessible(page);
      await enterCode(panel, code);

      await page.getByRole("button", { name: "Купить 10 SBER" }).click();
      await expect(orderLine(page, "SBER")).toContainText("10/10");
      await expectAccessible(page);
      await page.getByRole("button", { name: /Журнал/ }).click();
      await expectAccessible(page);
      await page.keyboard.press("Escape");
      for (const name of ["Сменить пароль", "О программе"]) {
        await page.getByRole("button", { name: "Меню клиента" }).click();
        await expectAccessible(page);
        await page.getByRole("button", { name }).click();
        await expectAccessible(page);
        await page.keyboard.press("Escape");
      }
      await page.goto("/dev/phone");
      await expect(page.getByTestId("sms")).toBeVisible();
      await expectAccessible(page);
    });
  });
}

test("the switch turns everything to English and stays so", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Switch to English" }).click();
  await expect(page.getByRole("heading", { name: "Log in to the terminal" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.getByLabel("Login", { exact: true }).fill("demo");
  await page.getByLabel("Password", { exact: true }).fill("demo");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("button", { name: "Buy 10 SBER" })).toBeVisible();
  await page.reload();
  await expect(
    page.getByRole("banner").getByRole("button", { name: "Open a security session" }),
  ).toBeVisible();
  // The client's own name and the way back to Russian stay as they are.
  const name = await page.locator(".menu-client strong").textContent();
  const text = await page.locator(".terminal").innerText();
  const rest = text.replaceAll(name ?? "", "").replace("Переключить на русский", "");
  expect(rest.match(/[а-яё]{3,}/gi) ?? []).toEqual([]);
  await page.getByRole("button", { name: "Переключить на русский" }).click();
  await expect(page.getByRole("button", { name: "Купить 10 SBER" })).toBeVisible();
});

test("the theme follows the system until one is chosen, then stays", async ({ page }) => {
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await page.goto("/");
  const light = await ground();
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await ground();
  expect(dark).not.toBe(light);
  await page.getByTitle("Светлая").click();
  expect(await ground()).toBe(light);
  await page.reload();
  expect(await ground()).toBe(light);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test("one can log in, open a session and buy", async ({ page, server }) => {
    await page.goto("/");
    await expectAccessible(page);
    await logIn(page);
    await page.getByRole("banner").getByRole("button", { name: "Открыть сессию" }).click();
    const panel = page.getByRole("dialog");
    await askForCode(panel);
    await enterCode(panel, await codeFrom(server));
    await page.getByRole("button", { name: "Заявка", exact: true }).click();
    await page.getByRole("button", { name: "Купить 10 SBER" }).click();
    await expect(page.getByText(/Поручение № \d+ принято/)).toBeVisible();
    await page.getByRole("button", { name: "Поручения", exact: true }).click();
    await expect(orderLine(page, "SBER")).toContainText("10/10");
    await expectAccessible(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
  });
});

test("the clock is right on a machine whose own is wrong", async ({ page, server }) => {
  await page.clock.install({ time: Date.now() + 3 * 3_600_000 });
  await logIn(page);
  await openSession(page, server);
  await expect(page.getByRole("timer")).toHaveText(/^4:59:\d\d$/);
});
