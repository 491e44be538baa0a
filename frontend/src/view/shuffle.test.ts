import { expect, test } from "vitest";
import { shuffled } from "./shuffle";

test("every digit is there once", () => {
  for (let i = 0; i < 100; i++) expect(shuffled().sort().join("")).toBe("0123456789");
});

test("every digit comes to every place about as often", () => {
  const rounds = 5000;
  const seen = new Map<string, number>();
  for (let i = 0; i < rounds; i++)
    shuffled().forEach((digit, place) => {
      const which = `${digit}@${place}`;
      seen.set(which, (seen.get(which) ?? 0) + 1);
    });
  expect(seen.size).toBe(100);
  // Six deviations from the mean: a sound shuffle leaves this range once in ten million runs of the hundred.
  for (const times of seen.values()) expect(Math.abs(times - rounds / 10)).toBeLessThan(6 * Math.sqrt(450));
});
