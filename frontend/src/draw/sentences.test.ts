import { beforeEach, expect, test } from "vitest";
import { connected, documentRow, event, happens, iso, NOON, opened, orderRow, viewAfter } from "../test/told";
import { chooseLanguage } from "../ui";
import type { Told } from "../view/told";
import { refusalText, sentenceOf } from "./sentences";

const login = event("login.opened", { login: 18, label: "Firefox, Windows", failed: 0 }, 1);
const accepted = event("order.accepted", { order: orderRow() }, 2);
const history = [...connected, happens(login), happens(accepted)];

function said(told: Told): string {
  const view = viewAfter(...history, happens(told));
  const notice = view.journal.notices.at(-1);
  return notice ? sentenceOf(notice, view, NOON).text : "";
}

beforeEach(() => chooseLanguage("ru"));

test("a fill says what was bought and at which price", () => {
  const fill = event("order.filled", { order_id: 5001, exec_id: "1", qty: 10, price: 300.12, leaves: 0 }, 3);
  expect(said(fill)).toBe("SBER: куплено 10 по 300,12");
  chooseLanguage("en");
  expect(said(fill)).toBe("SBER: bought 10 at 300.12");
});

test("a closed session says why", () => {
  const closed = (reason: string) => event("session.closed", { id: 9001, login: 17, reason }, 3);
  expect(said(closed("left_terminal"))).toBe("Сессия безопасности закрыта: вы вышли из терминала");
  expect(said(closed("something_new"))).toBe("Сессия безопасности закрыта: something_new");
});

test("a warning counts minutes as Russian does", () => {
  const expiring = (left: number) =>
    event("session.expiring", { id: 9001, login: 17, expiresAt: iso(NOON), serverTime: iso(NOON), left }, 3);
  expect(said(expiring(900))).toContain("15 минут.");
  expect(said(expiring(60))).toContain("1 минута.");
});

test("a login elsewhere names the device", () => {
  const closed = event("login.closed", { login: 18, reason: "idle" }, 3);
  expect(said(closed)).toBe("Вход завершён (Firefox, Windows): терминалом давно не пользовались");
});

test("an event that this terminal does not know is named, not hidden", () => {
  expect(said({ name: "token.transferred", data: {}, seq: 3, at: NOON } as never)).toBe(
    "Событие token.transferred",
  );
});

test("what an operator proposes is said with his name, and with what to do if it was not asked for", () => {
  const document = documentRow({ loginId: 0, operator: "Анна Л." });
  const view = viewAfter(...connected, happens(event("document.drafted", { document }, 1)));
  const notice = view.journal.notices.at(-1);
  if (!notice) throw new Error("nothing was entered");
  expect(sentenceOf(notice, view, NOON)).toEqual({
    text: "Оператор Анна Л. предлагает: добавить контактный телефон +7903•••2222",
    next: "Если это не вы, закройте все сессии и позвоните брокеру.",
    tone: "warn",
  });
});

test("a signed order is named by what it asked for", () => {
  const view = viewAfter(
    ...connected,
    happens(
      event("document.drafted", { document: documentRow({ docId: 193, data: { safetyTypeId: 3 } }) }, 1),
    ),
    happens(event("document.signed", { id: 1018, means: 3, confirmedBy: "" }, 2)),
  );
  const notice = view.journal.notices.at(-1);
  expect(notice && sentenceOf(notice, view, NOON).text).toBe("Поручение подписано (SMS): отключить SMS");
});

test("wrong codes say what they were for", () => {
  const failed = (data: Parameters<typeof event<"attempt.failed">>[1]) =>
    said(event("attempt.failed", data, 3));
  expect(failed({ means: 3, purpose: "document 00ff", left: 2 })).toBe(
    "Неверный код подписи, осталось 2 попытки",
  );
  expect(failed({ means: 3, purpose: "session", left: 1 })).toBe("Неверный SMS пароль, осталось 1 попытка");
  expect(failed({ means: 6, left: 1 })).toContain("голосовой пароль");
});

test("every event of the wire has a sentence in both languages", () => {
  for (const language of ["ru", "en"] as const) {
    chooseLanguage(language);
    expect(said(opened(3))).not.toContain("undefined");
    expect(
      said(event("passcode.failed", { means: 3, login: 17, purpose: "session", reason: "x" }, 3)),
    ).not.toBe("");
    expect(said(event("means.blocked", { means: 3, until: null }, 3))).not.toContain("null");
    for (const told of [
      event("document.signed", { id: 5, means: 6, confirmedBy: "Б" }, 3),
      event("document.accepted", { id: 5 }, 3),
      event("document.cancelled", { id: 5, end: "declined", by: "Б" }, 3),
      event("phone.added", { id: 5, phone: "+7" }, 3),
      event("phone.removed", { id: 5, phone: "+7" }, 3),
      event("phone.changed", { id: 5, phone: "", quarantineUntil: null }, 3),
      event("means.disconnected", { means: 3 }, 3),
      event("voice.attempted", { operator: "А", left: 1 }, 3),
      event("voice.verified", { operator: "А", until: iso(NOON) }, 3),
      event("operator.acted", { operator: "А", act: "close_sessions", reason: "р" }, 3),
      event("operator.acted", { operator: "А", act: "revoke_token", reason: "р" }, 3),
      event("token.begun", { tokenId: 7, login: 17 }, 3),
      event("token.evaluated", { tokenId: 7, login: 17, left: 4 }, 3),
      event("token.registered", { tokenId: 7, fingerprint: "7F3A-91C2" }, 3),
      event("token.opened", { tokenId: 7, login: 17, id: 9001 }, 3),
      event("token.revoked", { tokenId: 7, reason: "restored" }, 3),
      event("token.locked", { tokenId: 7 }, 3),
      event("token.cloned", { tokenId: 7 }, 3),
    ])
      expect(said(told), told.name).not.toMatch(/undefined|null|^(Событие|Event) /);
    expect(said(event("order.rejected", { order_id: 1, reason: "no money" }, 3))).toContain("no money");
  }
});

test("a refusal without words of its own speaks the server's", () => {
  const refusal = { error: "no", errMsg: "no", code: 1, reason: "brand_new", next: "do this" };
  expect(refusalText(refusal)).toEqual({ what: "no", next: "do this" });
  expect(refusalText({ ...refusal, reason: "unknown_ticker" }).what).toBe(
    "Этот инструмент здесь не торгуется.",
  );
});

test("a token that was never connected is told as a registration that came to nothing", () => {
  const begun = event("token.begun", { tokenId: 7, login: 17 }, 3);
  const chosen = event("token.evaluated", { tokenId: 7, login: 17, left: 2 }, 4);
  const over = event("token.revoked", { tokenId: 7, reason: "expired" }, 5);
  const view = viewAfter(...history, happens(begun), happens(chosen), happens(over));
  const texts = view.journal.notices.slice(-2).map(n => sentenceOf(n, view, NOON).text);
  expect(texts).toEqual([
    "Для нового WEB-токена выбран ПИН-код",
    "Регистрация WEB-токена не закончена: поручение не подписали вовремя",
  ]);
});

test("a copy and a lock say what to do next", () => {
  for (const name of ["token.cloned", "token.locked"] as const) {
    const view = viewAfter(...connected, happens(event(name, { tokenId: 7 }, 1)));
    const notice = view.journal.notices.at(-1);
    expect(notice && sentenceOf(notice, view, NOON)).toMatchObject({
      tone: "bad",
      next: expect.stringContaining("Откройте сессию по SMS"),
    });
  }
});

test("a refusal that lasts for hours says until when", () => {
  const until = iso(NOON);
  const { next } = refusalText({ error: "", errMsg: "", code: 1, reason: "phone_quarantine", until });
  expect(next).toMatch(/Снова можно после .*\d\d:00\./);
});

test("every refusal of the WEB-token has words and a next step in both languages", () => {
  const all = [
    "no_web_token",
    "web_token_locked",
    "web_token_cloned",
    "web_token_revoked",
    "web_token_replaced",
  ];
  const more = ["web_token_challenge", "web_token_tries", "web_token_day", "web_token_day_begun"];
  const rest = [
    "bad_signature",
    "bad_web_token",
    "server_key_missing",
    "phone_quarantine",
    "need_sms_session",
  ];
  for (const language of ["ru", "en"] as const) {
    chooseLanguage(language);
    for (const reason of [...all, ...more, ...rest, "need_token_signature", "out_of_scope"]) {
      const said = refusalText({ error: "x", errMsg: "x", code: 1, reason });
      expect(said.what, reason).not.toBe("x");
      expect(said.next, reason).not.toBeNull();
    }
  }
});
