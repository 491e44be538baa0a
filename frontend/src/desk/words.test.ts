import { expect, test } from "vitest";
import { en } from "./words.en";
import { ru } from "./words.ru";

type Tree = { [key: string]: unknown };

/** Every key with its path; functions count by their number of arguments. */
function leaves(tree: Tree, path = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const here = `${path}.${key}`;
    if (typeof value === "object" && value !== null) return leaves(value as Tree, here);
    return typeof value === "function" ? `${here}(${value.length})` : here;
  });
}

test("every sentence of the desk stands in both languages", () => {
  expect(leaves(en).sort()).toEqual(leaves(ru).sort());
});

test("no sentence of the desk is empty", () => {
  const empty = (tree: Tree): boolean =>
    Object.values(tree).some(v => v === "" || (typeof v === "object" && v !== null && empty(v as Tree)));
  expect(empty(ru)).toBe(false);
  expect(empty(en)).toBe(false);
});

test("nothing Russian is left in the English words", () => {
  const russian = (tree: Tree): string[] =>
    Object.values(tree).flatMap(v => {
      if (typeof v === "object" && v !== null) return russian(v as Tree);
      const text = typeof v === "function" ? String(v) : String(v);
      return text.match(/[а-яё]+/gi) ?? [];
    });
  expect(russian(en)).toEqual([]);
});

test("tries are counted as Russian does", () => {
  expect([1, 2, 5].map(n => ru.check.left(n))).toEqual([
    "осталась 1 попытка",
    "осталось 2 попытки",
    "осталось 5 попыток",
  ]);
});

test("every refusal that the desk can get has words", () => {
  const core = ["self_confirmation", "not_identified", "voice_blocked", "document_expired", "document_waits"];
  const orders = ["unknown_document", "reason_missing", "unknown_client", "nothing_to_do", "bad_document"];
  const phones = ["phone_needs_country", "bad_phone", "phone_not_mobile", "phone_known", "too_many_phones"];
  const rest = ["last_phone", "unknown_phone", "not_operator", "busy", "unavailable", "timeout", "internal"];
  for (const reason of [...core, ...orders, ...phones, ...rest])
    expect(ru.reasons[reason], reason).toBeDefined();
});
