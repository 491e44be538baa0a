// The client calls, two operators help him, his terminal and his phones tell him (M11).

import type { Page } from "@playwright/test";
import { expectAccessible } from "./axe.js";
import {
  ask,
  because,
  caller,
  check,
  confirmFirst,
  enterDesk,
  expect,
  expectChecked,
  logInDesk,
  openCard,
  protect,
  queue,
  test,
  totp,
  wrongCode,
} from "./desk.js";
import type { Server } from "./server.js";
import { askForCode, codeFrom, enterCode, logIn, openPanel, openSession, timeLeft } from "./terminal.js";

const OLD = "+79031111111";
const NEW = "+79054445566";

test("a client who has called gets a new phone by two operators (M11)", async ({
  page: client,
  server,
  openDesk,
}) => {
  test.slow();
  await logIn(client);
  const anna = await logInDesk(await openDesk(), "anna");
  const boris = await logInDesk(await openDesk(), "boris");

  await openCard(anna, "демидов");
  await expect(anna.getByLabel("Полное имя")).toBeFocused();
  await check(anna, { ...caller, voice: "незабудка" });
  await expect(anna.getByRole("alert")).toContainText(/Не совпало\.\s*Осталось 2 попытки/);
  await expect(anna.getByLabel("Голосовой пароль")).toHaveValue("");
  await anna.getByLabel("Голосовой пароль").fill(caller.voice);
  await anna.keyboard.press("Enter");
  await expectChecked(anna);

  await anna.getByRole("button", { name: "Зарегистрировать телефон…" }).click();
  await anna.getByLabel(/Номер телефона/).fill("89054445566");
  await because(anna, "Клиент потерял телефон", "Отправить на подтверждение");
  await expect(anna.getByRole("dialog")).toContainText("Начните с кода страны");
  await expect(anna.getByRole("dialog")).toContainText("Возможно, это +7 905 444-55-66");
  await anna.getByRole("button", { name: "Взять +79054445566" }).click();
  await expect(anna.getByLabel(/Номер телефона/)).toBeFocused();
  await anna.keyboard.press("Enter");
  await expect(anna.getByText(/Поручение № \d+ ждёт второго оператора/)).toBeVisible();

  await expect(queue(anna)).toContainText("Ваше предложение: подтвердит другой оператор");
  await expect(anna.getByRole("button", { name: /^Подтвердить/ })).toHaveCount(0);
  await expect(anna).toHaveTitle("Рабочее место оператора · Вахта");
  const pending = (await ask(anna, "deskPending", {})) as { pending: { document: { id: number } }[] };
  const id = pending.pending[0]?.document.id;
  expect((await ask(anna, "deskConfirm", { client: caller.code, id })).reason).toBe("self_confirmation");

  await expect(boris).toHaveTitle("(1) Рабочее место оператора · Вахта");
  await expect(queue(boris)).toContainText(
    /Демидов Пётр Ильич.*Добавить телефон \+7905•••5566 и сделать основным/,
  );
  await expect(queue(boris)).toContainText(/Анна Смирнова.*Клиент потерял телефон/);
  await confirmFirst(boris);
  await expect(boris.getByText(/Подтверждено и исполнено: Демидов Пётр Ильич/)).toBeVisible();
  await expect(queue(boris)).toContainText("Ничего не ждёт второго оператора");

  await expect(anna.getByRole("region", { name: "Контактные телефоны" })).toContainText(
    /\+7905•••5566\s*основной/,
  );
  await expect(anna.getByRole("region", { name: "Последние поручения" })).toContainText(
    "операторы Анна Смирнова и Борис Орлов",
  );
  await expect(client.getByRole("region", { name: "Уведомления" })).toContainText("5566");
  await expect
    .poll(async () => (await server.texts()).filter(t => t.to === OLD).map(t => t.text))
    .toEqual([expect.stringMatching(/\+7905•••5566.*оператор/)]);
  await openSession(client, server, NEW);
});

test("what was proposed can be declined by the other and withdrawn by oneself", async ({ openDesk }) => {
  const anna = await logInDesk(await openDesk(), "anna");
  const boris = await logInDesk(await openDesk(), "boris");
  await openCard(anna, caller.code);
  await check(anna);
  await expectChecked(anna);
  for (const [number, who, verb, outcome] of [
    ["+79054445566", boris, "Отклонить", "отклонено"],
    ["+79054445577", anna, "Отозвать", "отозвано"],
  ] as const) {
    await anna.getByRole("button", { name: "Зарегистрировать телефон…" }).click();
    await anna.getByLabel(/Номер телефона/).fill(number);
    await because(anna, "Сменил номер", "Отправить на подтверждение");
    await queue(who)
      .getByRole("button", { name: new RegExp(`^${verb}:`) })
      .click();
    await who.getByRole("dialog").getByRole("button", { name: verb, exact: true }).click();
    await expect(queue(who)).toContainText("Ничего не ждёт");
    const last = anna.getByRole("region", { name: "Последние поручения" }).getByRole("listitem").first();
    await expect(last).toContainText(number.slice(-4));
    await expect(last).toContainText(outcome);
  }
  await expect(anna.getByRole("region", { name: "Контактные телефоны" })).not.toContainText("+7905");
});

/** Opens a session by a password that is newer than those on the phone. */
async function openSessionAgain(page: Page, server: Server): Promise<void> {
  const before = (await server.texts()).length;
  const panel = await openPanel(page);
  await panel.getByRole("button", { name: /^Получить (пароль по SMS|новый пароль)$/ }).click();
  await expect.poll(async () => (await server.texts()).length).toBeGreaterThan(before);
  await enterCode(panel, await codeFrom(server));
  await expect(timeLeft(page)).toBeVisible();
}

test.describe("a client who has mistyped", () => {
  test.use({ flags: ["--leave-grace", "3s", "--sms-block-every", "2", "--passcode-repeats", "1s"] });

  test("gets his SMS back by two operators", async ({ page: client, server, openDesk }) => {
    test.slow();
    await logIn(client);
    const panel = await openPanel(client);
    await askForCode(panel);
    const code = await codeFrom(server);
    for (let i = 0; i < 2; i++) await enterCode(panel, code === "000000" ? "111111" : "000000");
    await expect(panel.getByText(/SMS заблокированы/).first()).toBeVisible();
    await client.keyboard.press("Escape");

    const anna = await logInDesk(await openDesk(), "anna");
    const boris = await logInDesk(await openDesk(), "boris");
    await openCard(anna);
    await expect(anna.getByRole("region", { name: "Средства подтверждения" })).toContainText(
      /SMS\s*заблокировано до \d\d:\d\d, ещё 1[45]:\d\d/,
    );
    await anna.getByRole("button", { name: "Восстановить: SMS" }).click();
    await expect(anna.getByRole("alert")).toContainText("Восстановить: SMS: сначала проверьте клиента.");
    await check(anna);
    await because(anna, "Ошибался при вводе", "Отправить на подтверждение");
    await confirmFirst(boris);
    await expect(anna.getByRole("region", { name: "Средства подтверждения" })).toContainText(
      /SMS\s*работает/,
    );
    await expect(client.getByRole("region", { name: "Уведомления" })).toContainText("SMS разблокированы");
    await openSessionAgain(client, server);
  });
});

test("three wrong voice passwords block it; two operators restore it after his papers", async ({
  openDesk,
}) => {
  const anna = await logInDesk(await openDesk(), "anna");
  const boris = await logInDesk(await openDesk(), "boris");
  await openCard(anna);
  for (const left of ["Осталось 2 попытки", "Осталась 1 попытка"]) {
    await check(anna, { ...caller, name: "Демидов Павел Ильич" });
    await expect(anna.getByRole("alert")).toContainText(left);
  }
  await check(anna, { ...caller, code: "100002" });
  await expect(anna.getByText("Голосовой пароль заблокирован: слишком много неверных.")).toBeVisible();
  await anna.getByRole("button", { name: "Восстановить: голосовой пароль" }).click();
  await expect(anna.getByRole("dialog")).toContainText("личность установлена в офисе по документам");
  await anna.getByRole("button", { name: "Личность проверена в офисе по паспорту" }).click();
  await anna.keyboard.press("Enter");
  await confirmFirst(boris);
  await check(anna);
  await expectChecked(anna);
});

test.describe("what protects", () => {
  test.use({ flags: ["--leave-grace", "3s", "--passcode-repeats", "1s"] });

  test("is done by one operator alone and at once: sessions are closed, SMS is disconnected", async ({
    page: client,
    server,
    openDesk,
  }) => {
    test.slow();
    const notices = client.getByRole("region", { name: "Уведомления" });
    await logIn(client);
    await openSession(client, server);
    const anna = await logInDesk(await openDesk(), "anna");
    await openCard(anna);
    await protect(anna, "Закрыть все сессии", "Просьба клиента");
    await expect(anna.getByText("Закрыта 1 сессия")).toBeVisible();
    await expect(timeLeft(client)).toBeHidden();
    await expect(notices).toContainText("её закрыл оператор");

    await openSessionAgain(client, server);
    await protect(anna, "Отключить: SMS", "Телефон украден");
    await expect(anna.getByRole("region", { name: "Средства подтверждения" })).toContainText(
      /SMS\s*отключено/,
    );
    await expect(anna.getByRole("region", { name: "Последние поручения" })).toContainText(
      /Отключить: SMS.*оператор Анна Смирнова; причина: Телефон украден.*исполнено/,
    );
    await expect(anna.getByRole("region", { name: "События безопасности" })).toContainText(
      "Анна Смирнова: закрыты сессии. Просьба клиента",
    );
    await expect(timeLeft(client)).toBeHidden();
    await expect(notices).toContainText("SMS: отключено");
  });
});

test.describe("a proposal", () => {
  test.use({ flags: ["--confirm-lifetime", "12s"] });

  test("is not confirmed by its own operator from another browser, nor too late", async ({ openDesk }) => {
    const anna = await logInDesk(await openDesk(), "anna");
    const elsewhere = await logInDesk(await openDesk(), "anna", 1);
    const boris = await logInDesk(await openDesk(), "boris");
    await openCard(anna);
    await check(anna);
    await expectChecked(anna);
    await anna.getByRole("button", { name: /^Заменить/ }).click();
    await anna.getByLabel(/Номер телефона/).fill("+79054445566");
    await because(anna, "Сменил номер", "Отправить на подтверждение");
    await expect(queue(elsewhere)).toContainText("Ваше предложение");
    await expect(elsewhere.getByRole("button", { name: /^Подтвердить/ })).toHaveCount(0);

    await queue(boris)
      .getByRole("button", { name: /^Подтвердить:/ })
      .click();
    await expect(queue(boris)).toContainText("Ничего не ждёт");
    await boris.getByRole("dialog").getByRole("button", { name: "Подтвердить", exact: true }).click();
    await expect(boris.getByRole("alert")).toContainText("Срок поручения истёк");
    await expect(anna.getByRole("region", { name: "Последние поручения" })).toContainText("срок истёк");
  });
});

test("in the demonstration the form fills itself in, with the code of the moment", async ({ openDesk }) => {
  const desk = await openDesk();
  await desk.getByRole("button", { name: "Анна Смирнова" }).click();
  await expect(desk.getByLabel(/Код аутентификатора/)).toHaveValue(/^\d{6}$/);
  await desk.keyboard.press("Enter");
  await expect(desk.getByRole("heading", { name: "Поиск клиента" })).toBeVisible();
});

test("a wrong code, a wrong password and an unknown login are told alike", async ({ openDesk }) => {
  const desk = await openDesk();
  await desk.getByRole("button", { name: "Войти" }).click();
  await expect(desk.getByRole("alert")).toContainText("Введите логин, пароль и шесть цифр кода.");
  const told: string[] = [];
  for (const enter of [
    () => enterDesk(desk, "anna", wrongCode("anna")),
    () => enterDesk(desk, "boris", totp("boris"), "not his password"),
    () => enterDesk(desk, "nobody", "123456"),
  ]) {
    const answered = desk.waitForResponse("**/desk/api/deskLogin");
    await enter();
    await answered;
    await expect(desk.getByRole("button", { name: "Войти" })).toBeVisible();
    told.push((await desk.getByRole("alert").textContent()) ?? "");
    await expect(desk.getByLabel("Пароль", { exact: true })).toHaveValue("");
    await expect(desk.getByLabel(/Код аутентификатора/)).toHaveValue("");
  }
  expect(told[0]).toContain("Логин, пароль или код не подошли.");
  expect(told[0]).toContain("Осталось 4 попытки");
  expect(new Set(told).size).toBe(1);
});

test("five failures close the login, with a countdown", async ({ openDesk }) => {
  const desk = await openDesk();
  for (let i = 0; i < 5; i++) {
    const answered = desk.waitForResponse("**/desk/api/deskLogin");
    await enterDesk(desk, "anna", wrongCode("anna"));
    await answered;
    await expect(desk.getByRole("button", { name: "Войти" })).toBeVisible();
  }
  await enterDesk(desk, "anna", totp("anna"));
  await expect(desk.getByRole("alert")).toContainText(/откроется через 1[45]:\d\d/);
});

test("a code is good only once", async ({ openDesk }) => {
  const desk = await openDesk();
  const code = totp("anna");
  await enterDesk(desk, "anna", code);
  await desk.getByRole("button", { name: "Выйти" }).click();
  await expect(desk.getByText("Вы вышли с рабочего места.")).toBeVisible();
  await enterDesk(desk, "anna", code);
  await expect(desk.getByRole("alert")).toContainText("Логин, пароль или код не подошли.");
  await logInDesk(desk, "anna", 1);
});

test("the cookie of the desk is out of reach of scripts, and the page keeps nothing", async ({
  openDesk,
}) => {
  const desk = await logInDesk(await openDesk(), "anna");
  await openCard(desk);
  await check(desk);
  await expectChecked(desk);
  const cookie = (await desk.context().cookies(new URL("/desk", desk.url()).href)).find(
    c => c.name === "DESK",
  );
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/desk" });
  const kept = await desk.evaluate(() =>
    JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, location.href]),
  );
  expect(kept).not.toMatch(/DESK|ромашка|Демидов|100001/);
});

test.describe("a desk that nobody uses", () => {
  test.use({ flags: ["--operator-idle", "6s"] });

  test("logs out by itself and keeps the search", async ({ openDesk }) => {
    const desk = await logInDesk(await openDesk(), "anna");
    await openCard(desk, "демидов");
    await expect(desk.getByRole("heading", { name: "Вход оператора" })).toBeVisible({ timeout: 20_000 });
    await expect(desk.getByText("рабочим местом давно не пользовались")).toBeVisible();
    await expect(desk.getByLabel("Логин")).toHaveValue("anna");
    await expect(desk.getByLabel("Пароль", { exact: true })).toBeFocused();
    await logInDesk(desk, "anna", 1);
    await expect(desk.getByRole("combobox")).toHaveValue("демидов");
    await expect(desk.getByRole("heading", { level: 1, name: caller.name })).toBeVisible();
  });
});

test("the search is worked by keyboard alone", async ({ openDesk }) => {
  const desk = await logInDesk(await openDesk(), "anna");
  const field = desk.getByRole("combobox");
  await expect(field).toBeFocused();
  await desk.keyboard.type("10");
  await expect(desk.getByRole("option")).toHaveCount(0);
  await desk.keyboard.type("00");
  await expect(desk.getByRole("option")).toHaveCount(2);
  await expect(desk.getByRole("option", { selected: true })).toContainText("100001");
  await desk.keyboard.press("ArrowDown");
  await desk.keyboard.press("Enter");
  await expect(desk.getByRole("heading", { level: 1 })).toHaveText("ООО «Второй клиент»");
  await expect(desk.getByLabel("Наименование")).toBeFocused();
  await desk.getByRole("heading", { level: 1 }).click();
  await desk.keyboard.press("/");
  await expect(field).toBeFocused();
  await desk.keyboard.press("Escape");
  await expect(field).toHaveValue("");
  await field.fill("никого нет");
  await expect(desk.getByText("Никого не нашли.")).toBeVisible();
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`the ${colorScheme} theme`, () => {
    test.use({ colorScheme });

    test("axe finds nothing on any screen of the desk, wide and narrow", async ({ openDesk }) => {
      test.slow();
      const anna = await openDesk();
      await anna.getByRole("button", { name: "Войти" }).click();
      await expectAccessible(anna);
      await logInDesk(anna, "anna");
      await expectAccessible(anna);
      await openCard(anna, "100");
      await expectAccessible(anna);
      await check(anna, { ...caller, voice: "незабудка" });
      await expect(anna.getByRole("alert")).toBeVisible();
      await expectAccessible(anna);
      await check(anna);
      await expectChecked(anna);
      await anna.getByRole("button", { name: "Отключить: SMS" }).click();
      await because(anna, "", "Далее");
      await expectAccessible(anna);
      await because(anna, "Просьба клиента", "Далее");
      await expectAccessible(anna);
      await anna.keyboard.press("Escape");
      await anna.getByRole("button", { name: "Зарегистрировать телефон…" }).click();
      await anna.getByLabel(/Номер телефона/).fill("+79054445566");
      await because(anna, "Сменил номер", "Отправить на подтверждение");
      await expect(anna.getByText(/ждёт второго оператора/).first()).toBeVisible();
      await expectAccessible(anna);

      const boris = await logInDesk(await openDesk(), "boris");
      await queue(boris)
        .getByRole("button", { name: /^Подтвердить:/ })
        .click();
      await expectAccessible(boris);
      await boris.keyboard.press("Escape");
      await boris.setViewportSize({ width: 900, height: 800 });
      await openCard(boris);
      await expectAccessible(boris);
      const wide = await boris.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide).toBeLessThanOrEqual(0);
    });
  });
}

test("the switch turns the desk to English", async ({ openDesk }) => {
  const desk = await logInDesk(await openDesk(), "anna");
  await openCard(desk);
  await desk.getByRole("button", { name: "Switch to English" }).click();
  await expect(desk.getByRole("heading", { name: "Contact phones" })).toBeVisible();
  await expect(desk).toHaveTitle("Operator's desk · Vakhta");
  const text = await desk.locator(".desk").innerText();
  const rest = text.replaceAll(caller.name, "").replace("Анна Смирнова", "");
  expect(rest.replace("Переключить на русский", "").match(/[а-яё]{3,}/gi) ?? []).toEqual([]);
});
