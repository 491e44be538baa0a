// Numbers of the wire that have a meaning.

/** Means of authentication. */
export const SMS = 3;
export const LOGIN_PASSWORD = 4;
export const VOICE_PASSWORD = 6;
export const WEB_TOKEN = 7;
export const API_KEY = 14;

/** Kinds of non-trading orders. */
export const CONNECT = 190;
export const DISCONNECT = 193;
export const PHONES = 210;
export const RESTORE = 365;

/** Those that a client submits himself. */
export type OwnKind = typeof CONNECT | typeof DISCONNECT | typeof PHONES;

/** The server sends so many lines of a history at once. */
export const PAGE = 50;
