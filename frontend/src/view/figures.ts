// Numbers and instants as they come over the wire.

/** TRADERNET sends some numbers as strings: ".00000000". */
export function figure(value: unknown): number {
  const n = typeof value === "string" ? Number.parseFloat(value) : value;
  return typeof n === "number" && Number.isFinite(n) ? n : 0;
}

/** Milliseconds; the public API leaves out the zone and means UTC. */
export function instant(value: string | null | undefined): number | null {
  if (!value) return null;
  const iso = value.includes("T") ? value : value.replace(" ", "T");
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`;
  const ms = Date.parse(zoned);
  return Number.isNaN(ms) ? null : ms;
}

/** Rounds to a step without the dust of binary fractions: 300.1 + 0.01 is 300.11. */
export function toStep(price: number, step: number): number {
  const digits = decimals(step);
  return Number((Math.round(price / step) * step).toFixed(digits));
}

export function decimals(step: number): number {
  const text = String(step);
  const dot = text.indexOf(".");
  return dot < 0 ? 0 : text.length - dot - 1;
}
