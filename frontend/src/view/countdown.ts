// Time left is always read off a deadline; nothing here counts down by itself.

const SECOND = 1000;
const MINUTE = 60 * SECOND;

export function timeLeft(deadline: number, now: number): number {
  return Math.max(0, deadline - now);
}

/** 4:59:59 */
export function clockFace(ms: number): string {
  const total = Math.floor(ms / SECOND);
  return `${Math.floor(total / 3600)}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
}

/** 0:29, for waits of minutes; a begun second counts whole, so that 0:00 means now. */
export function shortFace(ms: number): string {
  const total = Math.ceil(ms / SECOND);
  if (total >= 3600) return clockFace(total * SECOND);
  return `${Math.floor(total / 60)}:${two(total % 60)}`;
}

export type Urgency = "calm" | "soon" | "near" | "last";

/** 15, 5 and 1 minutes before the end, when the server warns too. */
export function urgency(ms: number): Urgency {
  if (ms <= MINUTE) return "last";
  if (ms <= 5 * MINUTE) return "near";
  if (ms <= 15 * MINUTE) return "soon";
  return "calm";
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}
