// M10 from start to end, and the rest of the client's cabinet.

import { expectAccessible } from "./axe.js";
import {
  addPhone,
  askToSign,
  codeIn,
  comeAndGo,
  enterSignature,
  masked,
  Operator,
  openCabinet,
  otherThan,
  phoneLine,
  quick,
  signWith,
  text,
  typePhone,
} from "./cabinet.js";
import { askForCode, codeFrom, enterCode, logIn, openSession, secondsLeft, timeLeft } from "./terminal.js";
import { expect, test } from "./test.js";

test.use({ flags: quick });

const OLD = "+79031111111";
const NEW = "+79033333333";

test("M10: a phone is added by a signed order, becomes primary, and passwords go there", async ({
  page,
  context,
  server,
}) => {
  test.slow();
  await logIn(page);
  const cabinet = await openCabinet(page, "Контактные телефоны");
  await expect(phoneLine(cabinet, OLD)).toContainText("Основной");
  await expect(phoneLine(cabinet, OLD)).toContainText("из анкеты клиента");

  // Without a session the form says so, and what was typed stays while one is opened.
  await cabinet.getByRole("button", { name: "Добавить телефон" }).click();
  await typePhone(cabinet, "+7 (903) 333-33-33");
  await expect(cabinet.getByText("Поручение подаётся в открытой сессии безопасности.")).toBeVisible();
  await cabinet.getByRole("button", { name: "Открыть сессию безопасности" }).click();
  const panel = page.getByRole("dialog", { name: "Открыть сессию безопасности" });
  await askForCode(panel);
  await enterCode(panel, await codeFrom(server));
  await expect(panel).toBeHidden();

  const full = 5 * 3600;
  await expect.poll(() => secondsLeft(page), { timeout: 30_000 }).toBeLessThan(full - 10);
  await expect(cabinet.getByLabel("Номер мобильного телефона")).toHaveValue("+7 (903) 333-33-33");
  await askToSign(cabinet);
  await expect(cabinet.getByText(`Код №1 отправлен на ${masked(OLD)}`)).toBeVisible();
  await expect(cabinet).toContainText(`Добавить контактный телефон ${masked(NEW)}`);

  // The code is read on the development phone: its text names the number that is being signed.
  const phone = await context.newPage();
  await phone.goto("/dev/phone");
  const sms = phone.getByTestId("sms").filter({ hasText: masked(NEW) });
  const code = codeIn((await sms.last().textContent()) ?? "");
  expect(code).toMatch(/^\d{6}$/);
  await enterSignature(cabinet, code);
  await expect(cabinet.getByRole("alert")).toContainText("Поручение подписано и исполнено");
  await expect.poll(() => secondsLeft(page), { intervals: [50] }).toBeGreaterThan(full - 8);
  await expect(sms.filter({ hasText: "Добавлен контактный телефон" })).toContainText(`на ${OLD}`);
  await phone.close();
  await expect(page.getByText(`Добавлен контактный телефон ${masked(NEW)}`).first()).toBeVisible();

  await cabinet.getByRole("button", { name: "Готово" }).click();
  await expect(phoneLine(cabinet, NEW)).toContainText("ещё не проверен");
  await expect(phoneLine(cabinet, OLD)).toContainText("проверен паролем из SMS");
  await cabinet.getByRole("button", { name: `Сделать основным ${masked(NEW)}` }).click();
  await signWith(cabinet, server, OLD, masked(NEW));
  await expect(phoneLine(cabinet, NEW)).toContainText("Основной");
  await expect(phoneLine(cabinet, OLD)).not.toContainText("Основной");
  await expect(cabinet.getByText(/по нему нельзя подключить WEB-токен/)).toBeVisible();
  await text(server, OLD, "Пароли по SMS теперь приходят", masked(NEW), "позвоните брокеру");

  // The next password goes to the new number.
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Закрыть сессию: этот вход" }).click();
  await openSession(page, server, NEW);
  await openCabinet(page, "Контактные телефоны");
  await expect(phoneLine(cabinet, NEW)).toContainText("проверен паролем из SMS");
  expect((await server.texts()).filter(t => t.to === NEW)).toHaveLength(1);
});

test("a number that cannot receive passwords is refused in words, and +7 is offered for the 8", async ({
  page,
  server,
}) => {
  await logIn(page);
  await openSession(page, server);
  const cabinet = await openCabinet(page, "Контактные телефоны");
  await cabinet.getByRole("button", { name: "Добавить телефон" }).click();
  const send = cabinet.getByRole("button", { name: "Получить код и подписать" });
  const field = cabinet.getByLabel("Номер мобильного телефона");

  await send.click();
  await expect(cabinet).toContainText("начните с кода страны, например +79031111111");
  await expect(field).toBeFocused();
  await typePhone(cabinet, "+74951234567");
  await send.click();
  await expect(cabinet.getByRole("alert")).toContainText("это городской или служебный номер");
  await expect(cabinet.getByRole("alert")).toContainText("Введите номер мобильного телефона");
  await typePhone(cabinet, "+7903");
  await send.click();
  await expect(cabinet).toContainText("не хватает цифр");
  await typePhone(cabinet, OLD);
  await send.click();
  await expect(cabinet.getByRole("alert")).toContainText("уже есть среди контактных");

  await typePhone(cabinet, "8 903 333-33-33");
  await send.click();
  await expect(cabinet).toContainText("Начните с кода страны, например +79031111111.");
  await expect(cabinet).toContainText("Возможно, это +7 903 333-33-33");
  await cabinet.getByRole("button", { name: `Взять ${NEW}` }).click();
  await expect(field).toHaveValue(NEW);
  await signWith(cabinet, server, OLD, masked(NEW));
  await expect(phoneLine(cabinet, NEW)).toBeVisible();
});

test("a wrong code, a further one, a reload in the middle: the draft waits for its signature", async ({
  page,
  server,
}) => {
  test.slow();
  await logIn(page);
  await openSession(page, server);
  const cabinet = await openCabinet(page, "Контактные телефоны");
  await cabinet.getByRole("button", { name: "Добавить телефон" }).click();
  await typePhone(cabinet, NEW);
  await askToSign(cabinet);
  const first = codeIn(await text(server, OLD, masked(NEW)));
  await enterSignature(cabinet, otherThan(first));
  await expect(cabinet.getByRole("alert")).toContainText(/Пароль не подошёл\.\s*Осталось 2 попытки\./);

  await page.reload();
  const waiting = page.getByRole("region", { name: "Поручения, которые ждут" });
  await expect(waiting).toContainText("Поручение ждёт вашей подписи");
  await expect(waiting).toContainText(`Добавить контактный телефон ${masked(NEW)}`);
  await waiting.getByRole("button", { name: "Ввести код" }).click();
  await expect(cabinet.getByText(`Код №1 отправлен на ${masked(OLD)}`)).toBeVisible();

  const again = cabinet.getByRole("button", { name: "Получить новый пароль" });
  await expect(again).toBeEnabled();
  await again.click();
  await expect(cabinet.getByText(`Код №2 отправлен на ${masked(OLD)}`)).toBeVisible();
  const second = codeIn(await text(server, OLD, masked(NEW), "Код №2"));
  if (first !== second) {
    await enterSignature(cabinet, first);
    await expect(cabinet.getByRole("alert")).toContainText("Пароль не подошёл");
  }
  await enterSignature(cabinet, second);
  await expect(cabinet.getByRole("alert")).toContainText("Поручение подписано и исполнено");
  await page.keyboard.press("Escape");
  await expect(waiting).toBeHidden();
});

test("a draft is withdrawn, and a newer one takes the place of an older", async ({ page, server }) => {
  await logIn(page);
  await openSession(page, server);
  const cabinet = await openCabinet(page, "Контактные телефоны");
  const draft = async (number: string) => {
    await cabinet.getByRole("button", { name: "Добавить телефон" }).click();
    await typePhone(cabinet, number);
    const send = cabinet.getByRole("button", { name: "Получить код и подписать" });
    await send.click();
    // A second code within two seconds is too early: the form says when.
    const sent = cabinet.getByText(/Код №\d+ отправлен на/);
    await expect(sent.or(cabinet.getByText(/Код можно запросить через/))).toBeVisible();
    if (!(await sent.isVisible())) {
      await expect(send).toBeEnabled();
      await send.click();
      await expect(sent).toBeVisible();
    }
  };
  await draft("+79035555555");
  await cabinet.getByRole("button", { name: "Назад" }).click();
  await draft(NEW);
  await cabinet.getByRole("button", { name: "Отменить поручение" }).click();
  await expect(cabinet.getByRole("alert")).toContainText("Поручение не подписано: отменено");
  await cabinet.getByRole("button", { name: "Готово" }).click();
  await expect(cabinet.getByText("Поручение ждёт вашей подписи")).toBeHidden();
  await cabinet.getByRole("button", { name: "История поручений" }).click();
  const history = page.getByRole("dialog", { name: "История поручений" });
  await expect(history.getByRole("listitem").filter({ hasText: masked(NEW) })).toContainText("отменено");
  await expect(history.getByRole("listitem").filter({ hasText: "•••5555" })).toContainText("заменено новым");
});

test("a phone is replaced and removed, and the histories show it", async ({ page, server }) => {
  test.slow();
  const third = "+79034444444";
  await logIn(page);
  await openSession(page, server);
  const cabinet = await openCabinet(page, "Контактные телефоны");
  await expect(cabinet.getByRole("button", { name: /^Удалить/ })).toHaveCount(0);
  await addPhone(cabinet, server, NEW, OLD);

  await cabinet.getByRole("button", { name: `Заменить ${masked(NEW)}` }).click();
  await typePhone(cabinet, third);
  await signWith(cabinet, server, OLD, masked(third));
  await expect(phoneLine(cabinet, third)).toBeVisible();
  await expect(phoneLine(cabinet, NEW)).toHaveCount(0);
  await text(server, NEW, "заменён", masked(third));

  await cabinet.getByRole("button", { name: `Удалить ${masked(third)}` }).click();
  await signWith(cabinet, server, OLD, masked(third));
  await expect(phoneLine(cabinet, third)).toHaveCount(0);

  await cabinet.getByRole("navigation").getByRole("button", { name: "История поручений" }).click();
  const orders = page.getByRole("dialog", { name: "История поручений" });
  const line = orders.getByRole("listitem");
  await expect(line.filter({ hasText: "Удалить контактный телефон" })).toContainText("исполнено");
  await expect(line.filter({ hasText: `на ${masked(third)}` })).toContainText("подпись: SMS");
  await orders.getByRole("navigation").getByRole("button", { name: "События безопасности" }).click();
  const events = page.getByRole("dialog", { name: "События безопасности" });
  await expect(events.getByText(`Добавлен контактный телефон ${masked(NEW)}`).first()).toBeVisible();
  await expect(events.getByText(`Удалён контактный телефон ${masked(third)}`).first()).toBeVisible();
  await expect(events.getByText(/Вход в терминал: Chromium/).first()).toBeVisible();
});

test("a long history comes in pages", async ({ page, server }) => {
  test.slow();
  for (let i = 0; i < 27; i++) await comeAndGo(server);
  await logIn(page);
  const events = await openCabinet(page, "События безопасности");
  const line = events.getByRole("listitem").filter({ has: page.locator("time") });
  await expect(line).toHaveCount(50);
  await events.getByRole("button", { name: "Показать ещё" }).click();
  await expect.poll(() => line.count()).toBeGreaterThan(54);
  await expect(events.getByRole("button", { name: "Показать ещё" })).toBeHidden();
});

test("«Закрыть остальные» keeps this session, the red «Закрыть всё» keeps none", async ({
  page,
  browser,
  server,
}) => {
  await logIn(page);
  await openSession(page, server);
  const elsewhere = await browser.newContext({ baseURL: server.url, locale: "ru-RU" });
  const other = await elsewhere.newPage();
  await logIn(other);
  await openSession(other, server);

  const cabinet = await openCabinet(page, "Открытые сессии");
  const sessions = cabinet.getByRole("listitem").filter({ hasText: "Chromium" });
  await expect(sessions).toHaveCount(2);
  await cabinet.getByRole("button", { name: "Закрыть остальные" }).click();
  await expect(sessions).toHaveCount(1);
  await expect(timeLeft(other)).toBeHidden();
  await expect(timeLeft(page)).toBeVisible();

  await openSession(other, server);
  await expect(sessions).toHaveCount(2);
  await cabinet.getByRole("button", { name: "Закрыть всё" }).click();
  await expect(cabinet.getByText("Открытых сессий нет.")).toBeVisible();
  await expect(timeLeft(page)).toBeHidden();
  await expect(timeLeft(other)).toBeHidden();
  await elsewhere.close();
});

test("SMS is disconnected by a signed order, on every terminal, and only the broker brings it back", async ({
  page,
  browser,
  server,
}) => {
  await logIn(page);
  await openSession(page, server);
  const elsewhere = await browser.newContext({ baseURL: server.url, locale: "ru-RU" });
  const other = await elsewhere.newPage();
  await logIn(other);

  const cabinet = await openCabinet(page, "Средства подтверждения");
  await expect(cabinet.getByRole("listitem").filter({ hasText: masked(OLD) })).toContainText("работает");
  await cabinet.getByRole("button", { name: "Отключить SMS" }).click();
  await expect(cabinet).toContainText("закроются сразу, в том числе эта");
  await askToSign(cabinet);
  const code = codeIn(await text(server, OLD, "Отключение SMS"));
  await enterSignature(cabinet, code, "Подписать и отключить");
  await expect(cabinet.getByRole("alert")).toContainText("Поручение подписано и исполнено");
  await expect(timeLeft(page)).toBeHidden();
  await cabinet.getByRole("button", { name: "Готово" }).click();
  await expect(cabinet.getByRole("listitem").filter({ hasText: "SMS" }).first()).toContainText("отключено");
  await expect(cabinet.getByText(/позвоните брокеру/)).toBeVisible();

  await expect(other.getByText("SMS: отключено")).toBeVisible();
  await other.getByRole("banner").getByRole("button", { name: "Открыть сессию безопасности" }).click();
  await expect(other.getByRole("dialog")).toContainText("SMS отключены");
  await elsewhere.close();
});

test("an operator's proposal stands before the client, who declines it", async ({ page, server }) => {
  await logIn(page);
  const anna = await new Operator(server, "anna").start();
  await anna.verify();
  await expect(page.getByText("голосовой пароль верный")).toBeVisible();
  await anna.ask("deskSubmit", {
    client: "100001",
    docId: 210,
    data: { action: "add", phone: NEW, primary: true },
    reason: "клиент потерял телефон",
  });

  const waiting = page.getByRole("region", { name: "Поручения, которые ждут" });
  await expect(waiting).toContainText("Оператор Анна Смирнова предлагает поручение от вашего имени");
  await expect(waiting).toContainText(`Добавить контактный телефон ${masked(NEW)} и сделать его основным`);
  await expect(waiting).toContainText("Причина: клиент потерял телефон");
  await expect(waiting).toContainText("ждёт второго оператора");
  await expectAccessible(page);

  // Who is only logged in may stop what was not his idea.
  await waiting.getByRole("button", { name: "Это не я — отклонить" }).click();
  await expect(waiting).toBeHidden();
  const history = await openCabinet(page, "История поручений");
  await expect(history.getByRole("listitem").filter({ hasText: masked(NEW) })).toContainText("отклонено");
});

test("what two operators have done is told to the client, with names and reason", async ({
  page,
  server,
}) => {
  await logIn(page);
  const anna = await new Operator(server, "anna").start();
  const boris = await new Operator(server, "boris").start();
  await anna.verify();
  const data = { action: "add", phone: NEW, primary: true };
  const said = await anna.ask("deskSubmit", {
    client: "100001",
    docId: 210,
    data,
    reason: "новая SIM-карта",
  });
  const { id } = said.document as unknown as { id: number };
  await boris.ask("deskConfirm", { client: "100001", id });
  await expect(page.getByText(`Пароли теперь приходят на ${masked(NEW)}`)).toBeVisible();
  await anna.ask("deskCloseSessions", { client: "100001", reason: "по просьбе клиента" });
  await expect(page.getByText(/Анна Смирнова закрыл.* Причина: по просьбе клиента/)).toBeVisible();

  const phones = await openCabinet(page, "Контактные телефоны");
  await expect(phoneLine(phones, NEW)).toContainText("через оператора");
  await phones.getByRole("navigation").getByRole("button", { name: "История поручений" }).click();
  const line = page.getByRole("dialog", { name: "История поручений" }).getByRole("listitem");
  await expect(line.filter({ hasText: masked(NEW) })).toContainText("подтвердил оператор Борис Орлов");
  await expect(line.filter({ hasText: masked(NEW) })).toContainText("Причина: новая SIM-карта");
});

test("with the keyboard alone a phone is added", async ({ page, server }) => {
  await logIn(page);
  await openSession(page, server);
  const menu = page.getByRole("button", { name: "Меню клиента" });
  await menu.focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Контактные телефоны" })).toBeFocused();
  await page.keyboard.press("Enter");
  const cabinet = page.getByRole("dialog", { name: "Контактные телефоны" });
  const add = cabinet.getByRole("button", { name: "Добавить телефон" });
  await expect(add).toBeVisible();
  for (let i = 0; i < 15 && !(await add.evaluate(b => b === document.activeElement)); i++)
    await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(cabinet.getByRole("heading", { name: "Новый телефон" })).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.type(NEW);
  await page.keyboard.press("Enter");
  await expect(cabinet.getByLabel("SMS пароль")).toBeFocused();
  await page.keyboard.type(codeIn(await text(server, OLD, masked(NEW))));
  await page.keyboard.press("Enter");
  await expect(cabinet.getByRole("button", { name: "Готово" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(phoneLine(cabinet, NEW)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(menu).toBeFocused();
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`the ${colorScheme} theme`, () => {
    test.use({ colorScheme });

    test("axe finds nothing in the cabinet", async ({ page, server }) => {
      test.slow();
      await logIn(page);
      const cabinet = await openCabinet(page, "Контактные телефоны");
      await expectAccessible(page);
      await cabinet.getByRole("button", { name: "Добавить телефон" }).click();
      await expectAccessible(page);
      await cabinet.getByRole("button", { name: "Открыть сессию безопасности" }).click();
      await expectAccessible(page);
      const panel = page.getByRole("dialog", { name: "Открыть сессию безопасности" });
      await askForCode(panel);
      await enterCode(panel, await codeFrom(server));
      await typePhone(cabinet, "8 903 333-33-33");
      await cabinet.getByRole("button", { name: "Получить код и подписать" }).click();
      await expectAccessible(page);
      await typePhone(cabinet, NEW);
      await askToSign(cabinet);
      await enterSignature(cabinet, otherThan(codeIn(await text(server, OLD, masked(NEW)))));
      await expect(cabinet.getByRole("alert")).toBeVisible();
      await expectAccessible(page);
      await page.keyboard.press("Escape");
      await expectAccessible(page);
      await page.getByRole("button", { name: "Ввести код" }).click();
      await enterSignature(cabinet, codeIn(await text(server, OLD, masked(NEW))));
      await expect(cabinet.getByRole("button", { name: "Готово" })).toBeVisible();
      await expectAccessible(page);
      await cabinet.getByRole("button", { name: "Готово" }).click();
      await expectAccessible(page);
      await cabinet
        .getByRole("button", { name: /^Удалить/ })
        .first()
        .click();
      await expectAccessible(page);
      const sections = [
        "Средства подтверждения",
        "Открытые сессии",
        "История поручений",
        "События безопасности",
      ];
      for (const name of [...sections, "Сменить пароль"]) {
        await page.getByRole("dialog").getByRole("navigation").getByRole("button", { name }).click();
        await expect(page.getByRole("dialog", { name })).toBeVisible();
        await expectAccessible(page);
      }
      await page.getByRole("dialog").getByRole("button", { name: "Средства подтверждения" }).click();
      await page.getByRole("button", { name: "Отключить SMS" }).click();
      await expectAccessible(page);
    });
  });
}

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test("a phone is added, and nothing is wider than the screen", async ({ page, server }) => {
    const narrow = async () => {
      const wide = await page.evaluate(() => {
        const content = document.querySelector(".dialog-body");
        return Math.max(
          document.documentElement.scrollWidth - innerWidth,
          content ? content.scrollWidth - content.clientWidth : 0,
        );
      });
      expect(wide).toBeLessThanOrEqual(0);
    };
    await logIn(page);
    const cabinet = await openCabinet(page, "Контактные телефоны");
    await cabinet.getByRole("button", { name: "Добавить телефон" }).click();
    await cabinet.getByRole("button", { name: "Открыть сессию безопасности" }).click();
    const panel = page.getByRole("dialog", { name: "Открыть сессию безопасности" });
    await askForCode(panel);
    await enterCode(panel, await codeFrom(server));
    await typePhone(cabinet, "89033333333");
    await narrow();
    await cabinet.getByRole("button", { name: `Взять ${NEW}` }).click();
    await askToSign(cabinet);
    await narrow();
    await expectAccessible(page);
    await enterSignature(cabinet, codeIn(await text(server, OLD, masked(NEW))));
    await cabinet.getByRole("button", { name: "Готово" }).click();
    await narrow();
    await page.keyboard.press("Escape");
    for (const name of ["История поручений", "События безопасности", "Средства подтверждения"]) {
      await openCabinet(page, name);
      await narrow();
      await expectAccessible(page);
      await page.keyboard.press("Escape");
    }
  });
});

test("the cabinet speaks English", async ({ page, server }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Switch to English" }).click();
  await page.getByLabel("Login", { exact: true }).fill("demo");
  await page.getByLabel("Password", { exact: true }).fill("demo");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("button", { name: "Client menu" }).click();
  await page.getByRole("button", { name: "Contact phones" }).click();
  const name = await page.locator(".cabinet-client strong").textContent();
  const foreign = async () => {
    const said = (await page.getByRole("dialog").innerText()).replaceAll(name ?? "", "");
    expect(said.match(/[а-яё]{3,}/gi) ?? []).toEqual([]);
  };
  await foreign();
  await page.getByRole("button", { name: "Add a phone" }).click();
  await page.getByLabel("Mobile number").fill("8 903 333-33-33");
  await foreign();
  const sections = ["Means of confirmation", "Open sessions", "History of orders", "Security events"];
  for (const section of [...sections, "Change password"]) {
    await page.getByRole("dialog").getByRole("button", { name: section }).click();
    await expect(page.getByRole("dialog", { name: section })).toBeVisible();
    await foreign();
  }
  expect(await server.texts()).toEqual([]);
});
