// Figures and times as the client's language writes them.

import { t } from "../ui";
import { decimals } from "../view/figures";

const formats = new Map<string, Intl.NumberFormat>();

function number(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = t().locale + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.NumberFormat(t().locale, options);
  formats.set(key, known);
  return known;
}

export function priceText(price: number, step = 0.01): string {
  const digits = Math.max(2, decimals(step));
  return number({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(price);
}

/** An average can fall between two steps. */
export function averageText(price: number): string {
  return number({ minimumFractionDigits: 2, maximumFractionDigits: 4 }).format(price);
}

export function qtyText(qty: number): string {
  return number({ maximumFractionDigits: 8 }).format(qty);
}

export function moneyText(sum: number, currency: string): string {
  return number({ style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(sum);
}

export function signedText(value: number, digits = 2): string {
  return number({
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    signDisplay: "exceptZero",
  }).format(value);
}

export function idText(id: number): string {
  return String(id);
}

/** 12:04, with the day unless it is today. */
export function timeText(ms: number, now: number): string {
  const time = new Date(ms).toLocaleTimeString(t().locale, { hour: "2-digit", minute: "2-digit" });
  return sameDay(ms, now) ? time : `${dayText(ms)}, ${time}`;
}

export function secondsText(ms: number): string {
  return new Date(ms).toLocaleTimeString(t().locale);
}

export function dayText(ms: number): string {
  return new Date(ms).toLocaleDateString(t().locale, { day: "numeric", month: "long" });
}

export function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}
