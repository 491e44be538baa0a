// The WEB-token from start to end: M14 to M19, in a real browser with a real profile.

import { expectAccessible } from "./axe.js";
import { masked, openCabinet, phoneLine, quick, text, typePhone } from "./cabinet.js";
import { logInDesk, openCard, protect } from "./desk.js";
import { logIn, openPanel, openSession, timeLeft } from "./terminal.js";
import {
  choosePin,
  closeSession,
  connect,
  enterPin,
  expect,
  generate,
  keypad,
  measureOpening,
  OTHER_PIN,
  openByPin,
  PHONE,
  PIN,
  press,
  register,
  test,
} from "./webtoken.js";

test.use({ flags: quick });

test("M15: keys, a PIN entered twice, the order with the public key, the code of the SMS", async ({
  device,
  server,
}) => {
  test.slow();
  const page = await device().open();
  const cabinet = await openCabinet(page, "Подключить WEB-токен");
  await expect(cabinet.getByText("WEB-токен подключают в сессии, открытой по SMS.")).toBeVisible();
  await page.keyboard.press("Escape");
  await openSession(page, server);
  await openCabinet(page, "Подключить WEB-токен");
  await expectAccessible(page);

  await generate(cabinet);
  await expectAccessible(page);
  await press(keypad(cabinet, "Придумайте ПИН-код"), "123456");
  await cabinet.getByRole("button", { name: "ОК", exact: true }).click();
  await expect(cabinet.getByRole("alert")).toContainText("Такой ПИН-код подберут первым");
  await choosePin(cabinet, PIN, OTHER_PIN);
  await expect(cabinet.getByRole("alert")).toContainText("ПИН-коды не совпали");

  await choosePin(cabinet, PIN);
  await expect(cabinet.getByText(/^[\w-]{87}$/)).toBeVisible(); // the public key: 65 bytes
  await expectAccessible(page);
  const fingerprint = await connect(cabinet, server);
  await cabinet.getByRole("button", { name: "Готово" }).click();
  await expect(cabinet).toContainText(`WEB-токен уже подключён на этом устройстве, отпечаток ${fingerprint}`);

  await cabinet.getByRole("button", { name: "Средства подтверждения" }).click();
  const means = page.getByRole("dialog", { name: "Средства подтверждения" });
  const row = means.getByRole("listitem").filter({ hasText: "под ПИН-кодом" });
  await expect(row).toContainText("на этом устройстве");
  await expect(row).toContainText(`отпечаток ${fingerprint}`);
  await means.getByRole("button", { name: "История поручений" }).click();
  const history = page.getByRole("dialog", { name: "История поручений" });
  await expect(history).toContainText(`Подключить WEB-токен, отпечаток ${fingerprint}`);
});

test("M18: the browser is closed, and the next day the PIN opens the session; how long that takes is printed", async ({
  device,
  server,
}) => {
  test.slow();
  const laptop = device();
  let page = await laptop.open();
  await register(page, server);
  await laptop.close();

  page = await laptop.open();
  await openByPin(page);
  await expect(timeLeft(page)).toHaveText(/^4:59:\d\d$/);
  const took: number[] = [];
  for (let i = 0; i < 5; i++) {
    await closeSession(page);
    took.push(await measureOpening(page));
  }
  console.log(
    `the opening by PIN took ${took.map(ms => ms.toFixed(0)).join(", ")} ms; wanted are less than 300`,
  );
});

test("the PIN is never in the page, and nothing offers to remember it", async ({ device, server }) => {
  test.slow();
  const page = await device().open();
  const written: string[] = [];
  page.on("console", message => written.push(message.text()));
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(window, { seen });
    new MutationObserver(() => seen.push(document.documentElement.outerHTML)).observe(document, {
      attributes: true,
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  await page.reload();
  await register(page, server);
  await closeSession(page);
  await openByPin(page);
  const leaked = await page.evaluate(
    pin => (window as never as { seen: string[] }).seen.filter(html => html.includes(pin)).length,
    PIN,
  );
  expect(leaked).toBe(0);
  expect(written.filter(line => line.includes(PIN))).toEqual([]);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expect(kept).not.toContain(PIN);
  await closeSession(page);
  const panel = await openPanel(page);
  await expect(keypad(panel)).toBeVisible();
  await expect(panel.getByRole("textbox")).toHaveCount(0);
});

test("the keypad works by keyboard alone", async ({ device, server }) => {
  test.slow();
  const page = await device().open();
  await register(page, server);
  await closeSession(page);
  const panel = await openPanel(page);
  await page.keyboard.type(`11${PIN.slice(0, 3)}`);
  await expect(panel.getByText("Введено 5 из 6")).toBeAttached();
  await page.keyboard.press("Delete");
  await page.keyboard.type(PIN);
  await page.keyboard.press("Enter");
  await expect(timeLeft(page)).toBeVisible();
});

test("a wrong PIN says how many are left; after five the token is locked, and SMS still opens", async ({
  device,
  server,
}) => {
  test.slow();
  const page = await device().open();
  await register(page, server);
  await closeSession(page);
  const panel = await openPanel(page);
  const left = ["Осталось 4 попытки", "Осталось 3 попытки", "Осталось 2 попытки", "Осталась 1 попытка"];
  for (const words of left) {
    await press(keypad(panel), OTHER_PIN);
    await panel.getByRole("button", { name: "Открыть сессию" }).click();
    await expect(panel.getByRole("alert")).toContainText(words);
  }
  await expectAccessible(page);
  await press(keypad(panel), OTHER_PIN);
  await panel.getByRole("button", { name: "Открыть сессию" }).click();
  await expect(panel.getByRole("alert")).toContainText("Попыток больше нет");
  await expect(keypad(panel)).toBeHidden();
  await expect(panel).toContainText("WEB-токен заблокирован", { timeout: 75_000 });
  await expect(panel).toContainText("Откройте сессию по SMS и подключите его заново");
  await page.keyboard.press("Escape");
  await openSession(page, server);
});

test("M17: a copied profile is noticed, and both are told in words", async ({ device, server }) => {
  test.slow();
  const original = device();
  let page = await original.open();
  await register(page, server);
  await original.close();
  const copy = device(original);

  page = await original.open();
  await openByPin(page);
  const thief = await copy.open();
  const panel = await enterPin(thief);
  await expect(panel).toContainText("Замечена копия WEB-токена, поэтому он отключён.");
  await expect(panel).toContainText("Кто-то мог скопировать данные браузера");
  await expect(timeLeft(thief)).toBeHidden();

  const told = page.getByRole("region", { name: "Уведомления" });
  await expect(told).toContainText("Замечена копия WEB-токена: он отключён");
  await expect(told).toContainText("смените пароль");
  await expect(timeLeft(page)).toBeHidden();
  await openPanel(page);
  await page.getByRole("tab", { name: /W-TOKEN/ }).click();
  await expect(page.getByRole("tabpanel")).toContainText("Замечена копия WEB-токена");
});

test("two tabs that open at once both end well", async ({ device, server }) => {
  test.slow();
  const laptop = device();
  const first = await laptop.open();
  await register(first, server);
  await closeSession(first);
  const second = await laptop.tab();
  const panels = [];
  for (const page of [first, second]) {
    const panel = await openPanel(page);
    await press(keypad(panel), PIN);
    panels.push(panel);
  }
  await Promise.all(panels.map(p => p.getByRole("button", { name: "Открыть сессию" }).click()));
  for (const page of [first, second]) {
    await expect(page.getByRole("dialog")).toBeHidden();
    await expect(timeLeft(page)).toBeVisible();
    await expect(page.getByText("Замечена копия")).toBeHidden();
  }
  await closeSession(first);
  await openByPin(second); // neither of them is a copy
});

test("an order is signed by the token without a code; after a reload the PIN comes first", async ({
  device,
  server,
}) => {
  test.slow();
  const fresh = "+79033333333";
  const page = await device().open();
  await register(page, server);
  await closeSession(page);
  await openByPin(page);
  const texts = (await server.texts()).length;
  const cabinet = await openCabinet(page, "Контактные телефоны");
  await cabinet.getByRole("button", { name: "Добавить телефон" }).click();
  await typePhone(cabinet, fresh);
  await cabinet.getByRole("button", { name: "Подписать WEB-токеном" }).click();
  await expect(cabinet.getByRole("alert")).toContainText("Поручение подписано и исполнено");
  await cabinet.getByRole("button", { name: "Готово" }).click();
  await expect(phoneLine(cabinet, fresh)).toBeVisible();
  const codes = (await server.texts()).slice(texts).filter(t => t.text.includes("Код"));
  expect(codes).toEqual([]);

  await page.reload();
  await openCabinet(page, "Контактные телефоны");
  await cabinet.getByRole("button", { name: `Удалить ${masked(fresh)}` }).click();
  await cabinet.getByRole("button", { name: "Ввести ПИН-код" }).click();
  const panel = page.getByRole("dialog", { name: "Открыть сессию безопасности" });
  await expect(panel).toContainText("Введите ПИН-код ещё раз");
  await press(keypad(panel), PIN);
  await panel.getByRole("button", { name: "Открыть сессию" }).click();
  await expect(panel).toBeHidden();
  await cabinet.getByRole("button", { name: "Подписать WEB-токеном" }).click();
  await expect(cabinet.getByRole("alert")).toContainText("Поручение подписано и исполнено");

  await cabinet.getByRole("button", { name: "История поручений" }).click();
  const history = page.getByRole("dialog", { name: "История поручений" });
  await expect(history.getByText("подпись: WEB-токен")).toHaveCount(2);
});

test("the ticket says that a WEB-token session is for non-trading orders", async ({ device, server }) => {
  test.slow();
  const page = await device().open();
  await register(page, server);
  await closeSession(page);
  await openByPin(page);
  await expect(page.getByText("Сессия по WEB-токену только для неторговых поручений.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Купить 10 SBER" })).toBeDisabled();
  await page.getByRole("button", { name: "Открыть сессию", exact: true }).click();
  await expect(page.getByRole("tab", { name: "SMS" })).toHaveAttribute("aria-selected", "true");
});

test.describe("where WEB-token sessions allow trading", () => {
  test.use({ flags: [...quick, "--web-token-scope", "all"] });

  test("trading orders and their cancellation are signed too", async ({ device, server }) => {
    test.slow();
    const page = await device().open();
    await register(page, server);
    await closeSession(page);
    await openByPin(page);
    await page.getByRole("button", { name: "Купить 10 SBER" }).click();
    await expect(page.getByText(/Поручение № \d+ принято/)).toBeVisible();

    await page.getByText("Лимитная").click();
    await page.getByLabel("Цена").fill("1");
    await page.getByRole("button", { name: "Купить 10 SBER" }).click();
    await page.getByRole("button", { name: /^Снять поручение/ }).click();
    await expect(page.getByRole("row").filter({ hasText: "снято" })).toBeVisible();

    await page.reload();
    await expect(page.getByText("Заявки этой сессии подписывает WEB-токен")).toBeVisible();
    await expect(page.getByRole("button", { name: "Купить 10 SBER" })).toBeDisabled();
  });
});

test("a new registration on another device replaces the token of the first", async ({ device, server }) => {
  test.slow();
  const laptop = await device().open();
  await register(laptop, server);
  await closeSession(laptop);
  const tablet = await device().open();
  await openPanel(tablet);
  await tablet.getByRole("tab", { name: /W-TOKEN/ }).click();
  await expect(tablet.getByRole("tabpanel")).toContainText("WEB-токен подключён на другом устройстве");
  await tablet.keyboard.press("Escape");
  await register(tablet, server, OTHER_PIN);

  await openPanel(laptop);
  await laptop.getByRole("tab", { name: /W-TOKEN/ }).click();
  await expect(laptop.getByRole("tabpanel")).toContainText("Теперь WEB-токен на другом устройстве");
  await expect(laptop.getByRole("tabpanel").getByRole("button", { name: "Открыть сессию" })).toBeDisabled();
});

test("the token is disconnected by an order that it signs itself, and at once when the device is lost", async ({
  device,
  server,
}) => {
  test.slow();
  const page = await device().open();
  await register(page, server);
  await closeSession(page);
  await openByPin(page);
  const cabinet = await openCabinet(page, "Средства подтверждения");
  await cabinet.getByRole("button", { name: "Отключить WEB-токен" }).click();
  await cabinet.getByRole("button", { name: "Подписать WEB-токеном" }).click();
  await expect(cabinet.getByRole("alert")).toContainText("Сессии, открытые WEB-токеном, закрыты.");
  await expect(timeLeft(page)).toBeHidden();
  await page.keyboard.press("Escape");

  await register(page, server);
  await openCabinet(page, "Средства подтверждения");
  await cabinet.getByRole("button", { name: "Устройство потеряно" }).click();
  await expectAccessible(page);
  await cabinet.getByRole("button", { name: "Отключить сейчас" }).click();
  await expect(cabinet.getByRole("alert")).toContainText("WEB-токен отключён");
});

test("after a change of the phone no token can be connected for a day", async ({ page, server }) => {
  test.slow();
  const fresh = "+79033333333";
  await logIn(page);
  await openSession(page, server);
  const cabinet = await openCabinet(page, "Контактные телефоны");
  await cabinet.getByRole("button", { name: `Заменить ${masked(PHONE)}` }).click();
  await typePhone(cabinet, fresh);
  await cabinet.getByRole("button", { name: "Получить код и подписать" }).click();
  const code = /\b\d{6}\b/.exec(await text(server, PHONE, masked(fresh), "Код"))?.[0] ?? "";
  await cabinet.getByLabel("SMS пароль").fill(code);
  await cabinet.getByRole("button", { name: "Подписать", exact: true }).click();
  await expect(cabinet.getByRole("alert")).toContainText("Поручение подписано и исполнено");
  await cabinet.getByRole("button", { name: "Подключить WEB-токен" }).click();
  const connecting = page.getByRole("dialog", { name: "Подключить WEB-токен" });
  await expect(connecting).toContainText(/Подключить WEB-токен можно будет после .*\d\d:\d\d/);
  await expect(connecting.getByRole("button", { name: "Сгенерировать новую пару ключей" })).toHaveCount(0);
});

for (const [missing, words] of [
  ["locks", "Этот браузер слишком старый для WEB-токена."],
  ["indexedDB", "Этот браузер не сохраняет ключи"],
] as const) {
  test(`a browser without ${missing} is told so before a token is made`, async ({ page, server }) => {
    await page.addInitScript(name => {
      const owner = name === "locks" ? Navigator.prototype : Window.prototype;
      Object.defineProperty(name === "locks" ? owner : window, name, { get: () => undefined });
    }, missing);
    await logIn(page);
    await openPanel(page);
    await page.getByRole("tab", { name: /W-TOKEN/ }).click();
    await expect(page.getByRole("tabpanel")).toContainText(words);
    await page.keyboard.press("Escape");
    await openSession(page, server);
    const cabinet = await openCabinet(page, "Подключить WEB-токен");
    await expect(cabinet).toContainText(words);
    await expect(cabinet.getByRole("button", { name: "Сгенерировать новую пару ключей" })).toHaveCount(0);
  });
}

test("an operator revokes the token at the desk, and the client learns at once who and why", async ({
  browser,
  device,
  server,
}) => {
  test.slow();
  const page = await device().open();
  const fingerprint = await register(page, server);
  await closeSession(page);
  await openByPin(page);
  const desk = await browser.newPage({ baseURL: server.url });
  await desk.goto("/desk");
  await logInDesk(desk, "anna");
  await openCard(desk);
  const means = desk.getByRole("region", { name: "Средства подтверждения" });
  await expect(means).toContainText(`работает, осталось 5 попыток, отпечаток ${fingerprint}`);
  await expectAccessible(desk);
  await protect(desk, "Отозвать WEB-токен", "Телефон украден");
  await expect(desk.getByText("WEB-токен отозван", { exact: true })).toBeVisible();
  await expect(means).toContainText("отключён");
  await expect(desk.getByRole("region", { name: "События безопасности" })).toContainText(
    "отозван WEB-токен. Телефон украден",
  );
  await desk.close();

  const told = page.getByRole("region", { name: "Уведомления" });
  await expect(told).toContainText(/Оператор .* отключил WEB-токен\. Причина: Телефон украден/);
  await expect(timeLeft(page)).toBeHidden();
});

test.describe("on a phone", () => {
  test("the token is connected and opens the session", async ({ device, server }) => {
    test.slow();
    const narrow = { viewport: { width: 390, height: 844 }, hasTouch: true };
    const page = await device().open({ ...narrow, colorScheme: "dark" });
    await page.getByRole("banner").getByRole("button", { name: "Открыть сессию" }).click();
    await page.getByRole("button", { name: "Получить пароль по SMS" }).click();
    const code = /\b\d{6}\b/.exec(await text(server, PHONE, "Код"))?.[0] ?? "";
    await page.getByLabel("SMS пароль").fill(code);
    await page.getByRole("button", { name: "Открыть сессию", exact: true }).last().click();
    await expect(timeLeft(page)).toBeVisible();
    const cabinet = await openCabinet(page, "Подключить WEB-токен");
    await generate(cabinet);
    await expectAccessible(page);
    await choosePin(cabinet, PIN);
    await connect(cabinet, server);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
  });
});
