// The security sessions of the client: a snapshot, and the events after it.

import type { SecuritySession } from "../wire";
import { instant } from "./figures";
import type { Told } from "./told";

export interface Session {
  id: number;
  /** The login that opened it; unknown if an old server does not tell. */
  login: number | null;
  means: number;
  openedAt: number;
  expiresAt: number;
  device: string | null;
  address: string | null;
}

export interface Sessions {
  all: Session[];
  /** The snapshot is true at this number: earlier events say nothing new. */
  at: number;
}

export const noSessions: Sessions = { all: [], at: 0 };

export function sessionsFromRows(rows: SecuritySession[], seq: number, before: Sessions): Sessions {
  const all = rows.map(row => {
    const known = before.all.find(s => s.id === row.id);
    return {
      id: row.id,
      login: row.login ?? known?.login ?? null,
      means: row.safety_type_id,
      openedAt: instant(row.start_datetime) ?? 0,
      expiresAt: instant(row.expire_datetime) ?? 0,
      device: row.label || null,
      address: row.ip_client || null,
    };
  });
  return { all, at: Math.max(seq, before.at) };
}

export function sessionsAfter(sessions: Sessions, told: Told): Sessions {
  if (told.seq <= sessions.at) return sessions;
  switch (told.name) {
    case "session.opened": {
      const { id, login, means, openedAt, expiresAt } = told.data;
      const others = sessions.all.filter(s => s.id !== id && s.login !== login);
      const opened = {
        id,
        login,
        means,
        openedAt: instant(openedAt) ?? told.at,
        expiresAt: instant(expiresAt) ?? 0,
        device: null,
        address: null,
      };
      return { ...sessions, all: [...others, opened] };
    }
    case "session.extended":
    case "session.expiring": {
      const { id, expiresAt } = told.data;
      const end = instant(expiresAt);
      if (end === null) return sessions;
      return { ...sessions, all: sessions.all.map(s => (s.id === id ? { ...s, expiresAt: end } : s)) };
    }
    case "session.closed":
      return { ...sessions, all: sessions.all.filter(s => s.id !== told.data.id) };
    default:
      return sessions;
  }
}

/** The session that lets this terminal submit orders. */
export function ownSession(sessions: Sessions, login: number | undefined): Session | null {
  return sessions.all.find(s => s.login !== null && s.login === login) ?? null;
}
