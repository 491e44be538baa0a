import { enterLogin, logIn } from "./terminal.js";
import { expect, test } from "./test.js";

test("a wrong password is told clearly and the right one still works", async ({ page }) => {
  await page.goto("/");
  await enterLogin(page, "demo", "wrong");
  await expect(page.getByRole("alert")).toContainText("Неверный логин или пароль");
  await expect(page.getByLabel("Пароль", { exact: true })).toBeFocused();
  await enterLogin(page, "demo", "demo");
  await expect(page.getByRole("button", { name: "Выйти" })).toBeVisible();
});

test("nobody learns whether a login exists", async ({ page }) => {
  await page.goto("/");
  await enterLogin(page, "nobody", "wrong");
  await expect(page.getByRole("alert")).toContainText("Неверный логин или пароль");
});

test("an empty form asks for what is missing", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Войти" }).click();
  await expect(page.getByRole("alert")).toContainText("Введите логин и пароль");
  await expect(page.getByLabel("Логин")).toBeFocused();
});

test("five wrong passwords close the login for 15 minutes, with a countdown", async ({ page }) => {
  await page.goto("/");
  for (let i = 0; i < 5; i++) {
    const answered = page.waitForResponse("**/api/");
    await enterLogin(page, "demo", "wrong");
    await answered;
    await expect(page.getByRole("button", { name: "Войти" })).toBeEnabled();
  }
  await enterLogin(page, "demo", "demo");
  await expect(page.getByRole("alert")).toContainText(/откроется через 1[45]:\d\d/);
  await expect(page.getByRole("alert")).toContainText(/через 14:5[0-8]/);
});

test("the SID is out of reach of scripts", async ({ page, context }) => {
  await logIn(page);
  const cookie = (await context.cookies()).find(c => c.name === "SID");
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax" });
  const kept = await page.evaluate(() =>
    JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }]),
  );
  expect(kept).not.toContain(cookie?.value);
});

test("«Запомнить меня» outlives the browser, without it the cookie does not", async ({ page, context }) => {
  await logIn(page);
  expect((await context.cookies()).find(c => c.name === "SID")?.expires).toBe(-1);
  await page.getByRole("button", { name: "Выйти" }).click();
  await page.getByLabel("Запомнить меня").check();
  await enterLogin(page, "demo", "demo");
  await expect(page.getByRole("button", { name: "Выйти" })).toBeVisible();
  const cookie = (await context.cookies()).find(c => c.name === "SID");
  expect(cookie?.expires).toBeGreaterThan(Date.now() / 1000 + 13 * 86_400);
});

test("the password is changed, the old one is refused", async ({ page }) => {
  await logIn(page);
  await page.getByRole("button", { name: "Меню клиента" }).click();
  await page.getByRole("button", { name: "Сменить пароль" }).click();
  const dialog = page.getByRole("dialog", { name: "Сменить пароль" });
  await dialog.getByLabel("Текущий пароль").fill("demo");
  await dialog.getByLabel("Новый пароль", { exact: false }).first().fill("better-one");
  await dialog.getByLabel("Новый пароль ещё раз").fill("better-two");
  await dialog.locator("form").getByRole("button", { name: "Сменить пароль" }).click();
  await expect(dialog.getByRole("alert")).toContainText("не совпадают");
  await dialog.getByLabel("Новый пароль ещё раз").fill("better-one");
  await dialog.locator("form").getByRole("button", { name: "Сменить пароль" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Пароль изменён");
  await dialog.getByRole("button", { name: "Закрыть" }).first().click();
  await page.getByRole("button", { name: "Выйти" }).click();
  await enterLogin(page, "demo", "demo");
  await expect(page.getByRole("alert")).toContainText("Неверный логин или пароль");
  await enterLogin(page, "demo", "better-one");
  await expect(page.getByRole("button", { name: "Выйти" })).toBeVisible();
});
