// When to come back, and whether.

const DRAINING = 4000;
const LOGIN_ENDED = 4500;

export type Return = "back" | "login" | "never";

/** 4000 to 4499 and every plain network code come back; 4500 and above do not. */
export function afterClose(code: number): Return {
  if (code === LOGIN_ENDED) return "login";
  return code > LOGIN_ENDED && code < 5000 ? "never" : "back";
}

/** Full jitter over the upper half, so that ten thousand terminals do not return in one second. */
export function delay(attempt: number, code: number, random: number): number {
  if (code === DRAINING && attempt === 0) return 200 + 600 * random;
  const whole = Math.min(15_000, 500 * 2 ** attempt);
  return whole / 2 + (whole / 2) * random;
}
