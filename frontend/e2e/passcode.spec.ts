import { askForCode, codeFrom, enterCode, logIn, openPanel, timeLeft } from "./terminal.js";
import { expect, test } from "./test.js";

function wrong(code: string): string {
  return code === "000000" ? "111111" : "000000";
}

test("a wrong code says how many attempts are left; three spend the password", async ({ page, server }) => {
  await logIn(page);
  const panel = await openPanel(page);
  await askForCode(panel);
  const code = await codeFrom(server);
  await enterCode(panel, wrong(code));
  await expect(panel.getByRole("alert")).toContainText(/Пароль не подошёл\.\s*Осталось 2 попытки\./);
  await enterCode(panel, wrong(code));
  await expect(panel.getByRole("alert")).toContainText("Осталась 1 попытка.");
  await enterCode(panel, wrong(code));
  await expect(panel.getByRole("alert")).toContainText("Попыток для этого пароля больше нет");
  await enterCode(panel, code);
  await expect(panel.getByRole("alert")).toContainText("Запросите новый пароль");
  await expect(timeLeft(page)).toBeHidden();
});

test("a new password may be asked for after a countdown, and kills the old one", async ({ page, server }) => {
  test.slow();
  await logIn(page);
  const panel = await openPanel(page);
  await askForCode(panel);
  const old = await codeFrom(server);
  const again = panel.getByRole("button", { name: "Получить новый пароль" });
  await expect(again).toBeDisabled();
  await expect(panel.getByText(/можно запросить через 0:[23]\d/)).toBeVisible();
  await expect(panel.getByText(/можно запросить через 0:2[0-7]/)).toBeVisible();
  await expect(again).toBeEnabled({ timeout: 35_000 });
  await again.click();
  await expect(panel.getByText("Код №2 отправлен на")).toBeVisible();
  await expect.poll(async () => (await server.texts()).length).toBe(2);
  const fresh = await codeFrom(server);
  if (old !== fresh) {
    await enterCode(panel, old);
    await expect(panel.getByRole("alert")).toContainText("Пароль не подошёл");
  }
  await enterCode(panel, fresh);
  await expect(timeLeft(page)).toBeVisible();
});

test("the wait survives a reload", async ({ page }) => {
  await logIn(page);
  await askForCode(await openPanel(page));
  await page.reload();
  const panel = await openPanel(page);
  await expect(panel.getByText(/можно запросить через 0:[12]\d/)).toBeVisible();
  await expect(panel.getByText(/Код №1 отправлен на/)).toBeVisible();
});

test("the field is made for one-time codes", async ({ page }) => {
  await logIn(page);
  const panel = await openPanel(page);
  const field = panel.getByLabel("SMS пароль");
  await expect(field).toHaveAttribute("autocomplete", "one-time-code");
  await expect(field).toHaveAttribute("inputmode", "numeric");
  await field.fill("12ab34");
  await expect(field).toHaveValue("1234");
  await expect(panel.getByRole("button", { name: "Открыть сессию" })).toBeDisabled();
});

test("W-TOKEN is shown as not connected, with what it takes", async ({ page }) => {
  await logIn(page);
  const panel = await openPanel(page);
  await panel.getByRole("tab", { name: "SMS" }).press("ArrowRight");
  const tab = panel.getByRole("tab", { name: "W-TOKEN" });
  await expect(tab).toBeFocused();
  await expect(tab).toContainText("не подключён");
  await expect(panel.getByRole("tabpanel")).toContainText("Подключить WEB-токен");
  await expect(panel.getByRole("button", { name: "Открыть сессию" })).toBeDisabled();
});

test("Escape closes the panel and gives the focus back", async ({ page }) => {
  await logIn(page);
  await openPanel(page);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(
    page.getByRole("banner").getByRole("button", { name: "Открыть сессию безопасности" }),
  ).toBeFocused();
});
