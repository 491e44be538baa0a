// The contact phones, as they were read last, and whether they may have changed since.

import type { ContactPhones } from "../wire";
import { instant } from "./figures";
import type { Told } from "./told";

export interface Phone {
  id: number;
  /** Masked. */
  number: string;
  primary: boolean;
  verified: boolean;
  /** null: it came with the client's questionnaire. */
  since: number | null;
  /** The means that signed its registration. */
  means: number;
}

export interface Phones {
  /** null: not read yet. */
  list: Phone[] | null;
  quarantineUntil: number | null;
  /** Grows with each event that may change the list: time to read it again. */
  changes: number;
}

export const noPhones: Phones = { list: null, quarantineUntil: null, changes: 0 };

export function phonesFromAnswer(phones: Phones, answer: ContactPhones): Phones {
  const list = answer.phones.map(p => ({
    id: p.id,
    number: p.phone,
    primary: p.primary,
    verified: p.verified,
    since: instant(p.since),
    means: p.safety_type_id,
  }));
  return { ...phones, list, quarantineUntil: instant(answer.quarantineUntil) };
}

/** A right passcode verifies the number that it was sent to, so an opened session and a signature count too. */
export function phonesAfter(phones: Phones, told: Told): Phones {
  switch (told.name) {
    case "phone.added":
    case "phone.removed":
    case "phone.changed":
    case "session.opened":
    case "document.signed":
      return { ...phones, changes: phones.changes + 1 };
    default:
      return phones;
  }
}

export function primaryOf(phones: Phones): Phone | null {
  return phones.list?.find(p => p.primary) ?? null;
}
