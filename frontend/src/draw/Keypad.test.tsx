// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { beforeEach, expect, test, vi } from "vitest";
import { chooseLanguage } from "../ui";
import { Keypad } from "./Keypad";

const PIN = "470291";

let root: HTMLElement;
let pins: string[];

function show(change: Partial<Parameters<typeof Keypad>[0]> = {}): void {
  act(() =>
    render(<Keypad title="ПИН-код" submit="Открыть" onPin={pin => pins.push(pin)} {...change} />, root),
  );
}

function unmount(): void {
  act(() => render(null, root));
}

/** As a key of the keyboard does it. */
function strike(on: Element, key: string, ctrlKey = false): void {
  act(() => void on.dispatchEvent(new KeyboardEvent("keydown", { key, ctrlKey, bubbles: true })));
}

function button(name: string): HTMLButtonElement {
  const all = [...root.querySelectorAll("button")];
  const found = all.find(b => (b.getAttribute("aria-label") ?? b.textContent) === name);
  if (!found) throw new Error(`no button «${name}»`);
  return found;
}

function click(...names: string[]): void {
  for (const name of names) act(() => button(name).click());
}

function type(keys: string[], on: Element = button("5")): void {
  for (const key of keys) strike(on, key);
}

function said(): string {
  return root.querySelector("[role=status]")?.textContent ?? "";
}

function digits(): string {
  return [...root.querySelectorAll("[data-digit]")].map(b => b.textContent).join("");
}

beforeEach(() => {
  chooseLanguage("ru");
  if (root) unmount();
  root = document.body.appendChild(document.createElement("div"));
  pins = [];
});

test("six digits and the button hand the PIN over, once", () => {
  show();
  expect(button("Открыть").disabled).toBe(true);
  click(...PIN);
  expect(said()).toBe("Введено 6 из 6");
  click("Открыть");
  expect(pins).toEqual([PIN]);
  expect(said()).toBe("Введено 0 из 6");
  click("Открыть");
  expect(pins).toEqual([PIN]);
});

test("the PIN is nowhere in the page: there is no field, and only the number of digits is shown", () => {
  show();
  const order = digits();
  const before = root.innerHTML;
  click(...PIN.slice(0, 3));
  const after = root.innerHTML;
  click("Стереть всё");
  click("1", "1", "1");
  expect(root.innerHTML).toBe(after); // any three digits look the same
  click("Стереть всё");
  expect(root.innerHTML).toBe(before);
  expect(digits()).toBe(order);
  expect(root.querySelectorAll("input, textarea, form, [contenteditable]")).toHaveLength(0);
});

test("the keyboard types, erases and enters while the keypad has the focus", () => {
  show();
  type(["4", "7", "0", "9", "Backspace", "2", "9", "1"]);
  expect(said()).toBe("Введено 6 из 6");
  type(["5"]); // a seventh is not taken
  type(["Enter"]);
  expect(pins).toEqual([PIN]);
  type(["1", "2", "Delete"]);
  expect(said()).toBe("Введено 0 из 6");
});

test("Enter on its own buttons does what they say", () => {
  show();
  type([...PIN, "Enter"], button("Стереть последнюю цифру"));
  expect(pins).toEqual([]);
});

test("shortcuts of the browser are no digits", () => {
  show();
  strike(button("5"), "1", true);
  expect(said()).toBe("Введено 0 из 6");
});

test("the digits stand in another order at each showing, and after each PIN", () => {
  const orders = new Set<string>();
  for (let i = 0; i < 5; i++) {
    unmount();
    show();
    orders.add(digits());
    click(...PIN, "Открыть");
    orders.add(digits());
  }
  expect(orders.size).toBeGreaterThan(8);
  for (const order of orders) expect([...order].sort().join("")).toBe("0123456789");
});

test("while a PIN is checked nothing is taken, and then the focus comes back", () => {
  show({ busy: true });
  type([...PIN, "Enter"]);
  expect(pins).toEqual([]);
  expect(root.textContent).toContain("Проверяем…");
  show({ busy: false });
  expect(document.activeElement?.className).toContain("key");
});

test("a keypad that is left forgets what was typed", () => {
  show();
  click("1", "2", "3");
  unmount();
  show();
  expect(said()).toBe("Введено 0 из 6");
});

test("nothing is written to the console", () => {
  const spies = (["log", "info", "warn", "error", "debug"] as const).map(m => vi.spyOn(console, m));
  show();
  click(...PIN, "Открыть");
  for (const spy of spies) expect(spy).not.toHaveBeenCalled();
});
