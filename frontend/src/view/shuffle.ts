// The ten digits in an order that nobody can foresee.

/** Fisher and Yates, each place with an unbiased choice. */
export function shuffled(random = below): string[] {
  const digits = [..."0123456789"];
  for (let last = digits.length - 1; last > 0; last--) {
    const other = random(last + 1);
    const kept = digits[last] ?? "";
    digits[last] = digits[other] ?? "";
    digits[other] = kept;
  }
  return digits;
}

/** A number from 0 to n − 1. */
function below(n: number): number {
  const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
  return byte < 256 - (256 % n) ? byte % n : below(n);
}
