import { beforeEach, expect, test } from "vitest";
import { iso, NOON } from "../test/told";
import { chooseLanguage } from "../ui";
import type { CardEvent, HistoryRow } from "./rows";
import { actText, byText, eventText, orderText, refusalText, statusText } from "./sentences";
import { boris, card, documentRow } from "./test/rows";

const client = card();
const [phone] = client.phones;

function said(event: CardEvent["event"], data: unknown): string {
  return eventText({ seq: 1, at: iso(NOON), event, data } as HistoryRow, NOON);
}

beforeEach(() => chooseLanguage("ru"));

test("an order says what it asks for", () => {
  expect(orderText(documentRow())).toBe("Добавить телефон +7905•••4455 и сделать основным");
  const replace = documentRow({
    data: { action: "replace", phoneId: 7, phone: "+7905•••4455", oldPhone: "+7903•••1111" },
  });
  expect(orderText(replace)).toBe("Заменить телефон +7903•••1111 на +7905•••4455");
  const remove = documentRow({ data: { action: "remove", phoneId: 7, phone: "+7903•••1111" } });
  expect(orderText(remove)).toBe("Удалить телефон +7903•••1111");
  expect(orderText(documentRow({ docId: 193, data: { safetyTypeId: 3 } }))).toBe("Отключить: SMS");
  expect(orderText(documentRow({ docId: 365, data: { safetyTypeId: 6 } }))).toBe(
    "Восстановить: голосовой пароль",
  );
  expect(orderText(documentRow({ docId: 190, data: { fingerprint: "7F3A-91C2" } }))).toBe(
    "Подключить WEB-токен, отпечаток 7F3A-91C2",
  );
  expect(orderText(documentRow({ docId: 100, data: {} }))).toBe("Поручение вида 100");
});

test("an order says how it stands and by whom", () => {
  expect(statusText(documentRow())).toBe("ждёт второго оператора");
  expect(statusText(documentRow({ loginId: 17, operator: "" }))).toBe("ждёт подписи клиента");
  expect(statusText(documentRow({ status: "cancelled", end: "expired" }))).toBe("срок истёк");
  expect(byText(documentRow({ confirmedBy: boris.name }))).toBe("операторы Анна Смирнова и Борис Орлов");
  expect(byText(documentRow({ loginId: 17, operator: "" }))).toBe("клиент");
});

test("acts are named as buttons and dialogs name them", () => {
  expect(actText({ is: "disconnect", means: 3 })).toBe("Отключить: SMS");
  expect(actText({ is: "disconnect", means: 7 })).toBe("Отключить: WEB-токен");
  expect(actText({ is: "revokeToken" })).toBe("Отозвать WEB-токен");
  expect(actText({ is: "restore", means: 4 })).toBe("Восстановить: пароль входа");
  expect(phone && actText({ is: "replacePhone", phone })).toBe("Заменить +7903•••1111");
});

test("events are told as an operator needs them", () => {
  expect(said("attempt.failed", { means: 3, left: 2 })).toBe("Неверный ввод, SMS: осталось 2 попытки");
  expect(said("means.blocked", { means: 6, until: null })).toBe(
    "Заблокировано: голосовой пароль, до восстановления",
  );
  expect(said("session.closed", { id: 1, login: 17, reason: "means_disconnected" })).toBe(
    "Сессия закрыта: средство отключено",
  );
  expect(said("document.drafted", { document: documentRow() })).toBe(
    "Анна Смирнова: Добавить телефон +7905•••4455 и сделать основным",
  );
  expect(
    said("operator.acted", { operator: "Анна Смирнова", act: "close_sessions", reason: "Просьба" }),
  ).toBe("Анна Смирнова: закрыты сессии. Просьба");
  expect(said("login.opened", { login: 1, label: "Firefox, Windows", failed: 2 })).toBe(
    "Вход: Firefox, Windows, до него неверных паролей: 2",
  );
});

test("every event of the card has a sentence in both languages", () => {
  const at = iso(NOON);
  const events: [CardEvent["event"], unknown][] = [
    ["login.opened", { login: 1, label: "", failed: 0 }],
    ["login.renewed", { login: 1, label: "x" }],
    ["login.closed", { login: 1, reason: "idle" }],
    ["password.changed", {}],
    ["passcode.sent", { means: 3, login: 1, purpose: "document ab", number: 1, phone: "+7", repeatAt: at }],
    ["passcode.failed", { means: 3, login: 1, purpose: "session", reason: "x" }],
    ["attempt.failed", { means: 4, left: 1 }],
    ["means.blocked", { means: 3, until: at }],
    ["means.unblocked", { means: 3 }],
    ["means.disconnected", { means: 3 }],
    ["phone.added", { id: 1, phone: "+7" }],
    ["phone.removed", { id: 1, phone: "+7" }],
    ["phone.changed", { id: 1, phone: "", quarantineUntil: null }],
    ["session.opened", { id: 1, login: 1, means: 3, expiresAt: at }],
    ["session.closed", { id: 1, login: 1, reason: "expired" }],
    ["document.drafted", { document: documentRow() }],
    ["document.signed", { id: 1, means: 6, confirmedBy: "" }],
    ["document.accepted", { id: 1 }],
    ["document.cancelled", { id: 1, end: "declined", by: "x" }],
    ["voice.verified", { operator: "x", until: at }],
    ["operator.acted", { operator: "x", act: "close_sessions", reason: "y" }],
    ["operator.acted", { operator: "x", act: "revoke_token", reason: "y" }],
    ["token.begun", { tokenId: 7, login: 1 }],
    ["token.evaluated", { tokenId: 7, login: 1, left: 4 }],
    ["token.registered", { tokenId: 7, fingerprint: "7F3A-91C2" }],
    ["token.opened", { tokenId: 7, login: 1, id: 1 }],
    ["token.revoked", { tokenId: 7, reason: "expired" }],
    ["token.locked", { tokenId: 7 }],
    ["token.cloned", { tokenId: 7 }],
  ];
  for (const language of ["ru", "en"] as const) {
    chooseLanguage(language);
    for (const [event, data] of events) {
      expect(said(event, data), event).not.toMatch(/undefined|null|NaN/);
      expect(said(event, data), event).not.toContain(event);
    }
  }
});

test("an event that this page does not know is named, not hidden", () => {
  expect(said("token.transferred" as never, {})).toBe("Событие token.transferred");
});

test("a refusal without words of its own speaks the server's", () => {
  const refusal = { error: "no", errMsg: "no", code: 1, reason: "brand_new", next: "do this" };
  expect(refusalText(refusal)).toEqual({ what: "no", next: "do this" });
  expect(refusalText({ ...refusal, reason: "self_confirmation" }).what).toBe(
    "Своё предложение подтвердить нельзя.",
  );
});
