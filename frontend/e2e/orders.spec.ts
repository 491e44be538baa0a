import { logIn, openSession, orderLine, timeLeft } from "./terminal.js";
import { expect, test } from "./test.js";

test("without a session the ticket says what to do", async ({ page }) => {
  await logIn(page);
  await expect(page.getByRole("button", { name: "Купить 10 SBER" })).toBeDisabled();
  await expect(page.getByText("Чтобы подать поручение, откройте сессию безопасности.")).toBeVisible();
});

test("prices come live, and a row of the table chooses the instrument", async ({ page }) => {
  await logIn(page);
  const row = page.getByRole("row").filter({ hasText: "Лукойл" });
  await expect(row).toContainText(/\d,\d\d/);
  await page.getByRole("button", { name: "LKOH Лукойл" }).click();
  await expect(page.getByRole("heading", { name: /LKOH/ })).toBeVisible();
  await expect(page.getByRole("button", { name: "Купить 10 LKOH" })).toBeVisible();
  await expect(page.locator(".chart-box canvas").first()).toBeVisible();
});

test("a limit order below the market waits, and is cancelled", async ({ page, server }) => {
  await logIn(page);
  await openSession(page, server);
  await page.getByText("Лимитная", { exact: true }).click();
  const price = page.getByLabel("Цена ₽");
  await expect(price).not.toHaveValue("");
  await price.fill("1,00");
  await page.getByText("До отмены", { exact: true }).click();
  await page.getByRole("button", { name: "Купить 10 SBER" }).click();
  const line = orderLine(page, "SBER");
  await expect(line).toContainText("в очереди");
  await line.getByRole("button", { name: /Снять поручение/ }).click();
  await expect(line).toContainText("снято");
  await page.getByText(/^Активные/).click();
  await expect(page.getByText("Активных поручений нет.")).toBeVisible();
});

test("what is no order is told before it is sent", async ({ page, server }) => {
  await logIn(page);
  await openSession(page, server);
  await page.getByLabel("Количество").fill("0");
  await page
    .locator(".ticket")
    .getByRole("button", { name: /Купить/ })
    .click();
  await expect(page.getByRole("alert")).toContainText("целое число больше нуля");
  await page.getByLabel("Количество").fill("10");
  await page.getByText("Лимитная", { exact: true }).click();
  await page.getByLabel("Цена ₽").fill("300,123");
  await page.getByRole("button", { name: "Купить 10 SBER" }).click();
  await expect(page.getByRole("alert")).toContainText("с шагом 0,01");
});

test("the session is closed from the list, and the ticket closes with it", async ({ page, server }) => {
  await logIn(page);
  await openSession(page, server);
  await page.getByRole("button", { name: "Закрыть сессию: этот вход" }).click();
  await expect(timeLeft(page)).toBeHidden();
  await expect(page.getByText("Сессия безопасности закрыта: вы закрыли её в списке сессий")).toBeVisible();
  await expect(page.getByRole("button", { name: "Купить 10 SBER" })).toBeDisabled();
});
