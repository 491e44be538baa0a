// What belongs to this screen alone: language, theme, what is open, what is chosen.

import { computed, signal } from "@preact/signals";
import { tickers } from "./instruments";
import type { Refusal } from "./wire";
import { en } from "./words.en";
import { ru, type Words } from "./words.ru";

export type Language = "ru" | "en";
export type Theme = "system" | "light" | "dark";
export type DialogName = "session" | "about" | "journal";
export type Section = "phones" | "means" | "token" | "sessions" | "documents" | "events" | "password";
export type PanelTab = "sms" | "token";
export type Pane = "market" | "ticket" | "orders";

export const language = signal<Language>(kept("vakhta.language") === "en" ? "en" : "ru");
export const theme = signal<Theme>(themeFrom(kept("vakhta.theme")));
/** Grows when the colours change, for what is drawn on a canvas. */
export const repaint = signal(0);
/** Where in a section of the cabinet the client is; null: at its list. */
export type Step =
  | { is: "add" }
  | { is: "replace" | "primary" | "remove"; phone: number }
  | { is: "disconnect"; means: number }
  /** The device is lost: the WEB-token ends at once. */
  | { is: "revoke" }
  /** refused: why it was not signed at once. */
  | { is: "sign"; id: number; refused?: Refusal | null };

export interface Place {
  section: Section;
  step: Step | null;
}

/** The open page of the cabinet. A dialog may lie above it. */
export const cabinet = signal<Place | null>(null);
export const dialog = signal<DialogName | null>(null);
/** The tab that the panel of the session opens at; null: the one that can be used here. */
export const panelTab = signal<PanelTab | null>(null);
export const ticker = signal(tickers[0] ?? "");
export const pane = signal<Pane>("market");

const words = computed<Words>(() => (language.value === "en" ? en : ru));

/** The sentences of the chosen language. */
export function t(): Words {
  return words.value;
}

export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  keep("vakhta.language", chosen);
  tellBrowser(chosen);
}

export function visit(section: Section, step: Step | null = null): void {
  cabinet.value = { section, step };
}

export function openPanel(tab: PanelTab | null = null): void {
  panelTab.value = tab;
  dialog.value = "session";
}

/** The client's own language, unless one was chosen in this browser. */
export function suggestLanguage(suggested: string | undefined): void {
  if (kept("vakhta.language") !== null || (suggested !== "ru" && suggested !== "en")) return;
  language.value = suggested;
  tellBrowser(suggested);
}

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  keep("vakhta.theme", chosen);
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  repaint.value++;
}

export function chooseTicker(chosen: string): void {
  ticker.value = chosen;
}

function themeFrom(text: string | null): Theme {
  return text === "light" || text === "dark" ? text : "system";
}

function kept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // it holds for this page only
  }
}

function tellBrowser(chosen: Language): void {
  if (typeof document !== "undefined") document.documentElement.lang = chosen;
}
