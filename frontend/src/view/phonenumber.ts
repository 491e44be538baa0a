// A phone as it is being typed. The server has the last word; here one hears sooner what is missing.

export type Typed =
  | { is: "empty" }
  /** It may be a number: + and 8 to 15 digits. */
  | { is: "whole"; number: string }
  /** It is not written from the country code; `meant` is what the habit of the country makes of it. */
  | { is: "needsCountry"; meant: string | null }
  | { is: "short" }
  | { is: "long" }
  | { is: "strange" };

/** What people write between digits: spaces, brackets, dots, dashes, and marks of the writing direction. */
const BETWEEN = /[\s().\u2010-\u2015\u2212\uff08\uff09\u200e\u200f\u202a-\u202e\u2066-\u2069-]/g;
const SHORTEST = 8;
const LONGEST = 15;

export function readPhone(text: string): Typed {
  const bare = plainDigits(text).replace(BETWEEN, "").replace(/^＋/, "+").replace(/^00/, "+");
  if (bare === "" || bare === "+") return { is: "empty" };
  if (!/^\+?\d+$/.test(bare)) return { is: "strange" };
  if (!bare.startsWith("+")) return { is: "needsCountry", meant: meant(bare) };
  const digits = bare.slice(1);
  if (/^89\d{9}$/.test(digits)) return { is: "needsCountry", meant: meant(digits) }; // no country has the code 89
  if (digits.length < SHORTEST) return { is: "short" };
  return digits.length > LONGEST ? { is: "long" } : { is: "whole", number: bare };
}

/** +7 903 111-11-11: easier to compare with what one has in mind. Other countries stay as they are. */
export function spaced(number: string): string {
  const parts = /^\+7(\d{3})(\d{3})(\d{2})(\d{2})$/.exec(number);
  return parts ? `+7 ${parts[1]} ${parts[2]}-${parts[3]}-${parts[4]}` : number;
}

/** A Russian number after the 8 that is dialled inside the country, without it, or without the + only. */
function meant(digits: string): string | null {
  if (/^8\d{10}$/.test(digits) || /^7\d{10}$/.test(digits)) return `+7${digits.slice(1)}`;
  if (/^78\d{10}$/.test(digits)) return `+7${digits.slice(2)}`;
  if (/^9\d{9}$/.test(digits)) return `+7${digits}`;
  return digits.length >= 11 && digits.length <= LONGEST && !digits.startsWith("0") ? `+${digits}` : null;
}

/** Digits of any script as 0 to 9: in Unicode the ten of a script follow one another. */
function plainDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, sign => {
    const code = sign.codePointAt(0) ?? 0;
    let zero = code;
    while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero--;
    return String((code - zero) % 10);
  });
}
