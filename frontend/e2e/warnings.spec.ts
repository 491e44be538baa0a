import { logIn, openSession, timeLeft } from "./terminal.js";
import { expect, test } from "./test.js";

test.use({ flags: ["--session-lifetime", "65s"] });

test("a session that runs out warns a minute before and says at its end why", async ({ page, server }) => {
  test.setTimeout(120_000);
  await logIn(page);
  await openSession(page, server);
  await expect(page.getByText(/До конца сессии 1 минута/)).toBeVisible({ timeout: 15_000 });
  await expect(page.getByText("Сессия безопасности закрыта: истекло время сессии")).toBeVisible({
    timeout: 75_000,
  });
  await expect(timeLeft(page)).toBeHidden();
  await expect(page).toHaveTitle("Вахта");
});
