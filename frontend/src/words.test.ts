import { expect, test } from "vitest";
import { en } from "./words.en";
import { plural, ru } from "./words.ru";

type Tree = { [key: string]: unknown };

/** Every key with its path; functions count by their number of arguments. */
function leaves(tree: Tree, path = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const here = `${path}.${key}`;
    if (typeof value === "object" && value !== null) return leaves(value as Tree, here);
    return typeof value === "function" ? `${here}()` : here;
  });
}

test("every sentence stands in both languages", () => {
  expect(leaves(en).sort()).toEqual(leaves(ru).sort());
});

test("no sentence is empty", () => {
  const empty = (tree: Tree): boolean =>
    Object.values(tree).some(v => v === "" || (typeof v === "object" && v !== null && empty(v as Tree)));
  expect(empty(ru)).toBe(false);
  expect(empty(en)).toBe(false);
});

test("Russian counts one, few and many", () => {
  const word = (n: number) => plural(n, "попытка", "попытки", "попыток");
  expect([1, 2, 5, 11, 12, 21, 22, 111].map(word)).toEqual([
    "попытка",
    "попытки",
    "попыток",
    "попыток",
    "попыток",
    "попытка",
    "попытки",
    "попыток",
  ]);
});

test("every reason for closing and every refusal of the server has words", () => {
  const closing = ["expired", "cap_reached", "left_terminal", "terminal_gone", "closed_by_client"];
  const more = ["closed_by_operator", "replaced", "token_revoked", "login_ended"];
  for (const reason of [...closing, ...more]) expect(ru.closed[reason], reason).toBeDefined();
});
