// Which PINs are taken. The server cannot know them, so the browser refuses the trivial ones; the list is short and public.

export type PinTrouble = "digits" | "trivial";

/** Null: it is a PIN. */
export function pinTrouble(pin: string): PinTrouble | null {
  if (!isPin(pin)) return "digits";
  return isTrivial(pin) ? "trivial" : null;
}

export function isPin(pin: string): boolean {
  return /^[0-9]{6}$/.test(pin);
}

/** 777777, 123456, 567890, 987654, 212121, 123123. */
function isTrivial(pin: string): boolean {
  const steps = [...pin].slice(1).map((digit, i) => (Number(digit) - Number(pin[i]) + 10) % 10);
  const oneStep = [0, 1, 9].some(step => steps.every(s => s === step));
  return oneStep || pin === pin.slice(0, 2).repeat(3) || pin === pin.slice(0, 3).repeat(2);
}
