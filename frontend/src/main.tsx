// Wiring: the page's events to the connection, the view to the screen.

import { computed, effect } from "@preact/signals";
import { render } from "preact";
import "./style/index.css";
import { connection, now, tick, token, view } from "./app";
import { loadDocuments, loadPhones } from "./cabinet";
import { App } from "./draw/App";
import { loadHistory } from "./history";
import { LOGIN_MARK } from "./link/memory";
import { repaint, suggestLanguage, t, ticker } from "./ui";
import { clockFace, timeLeft } from "./view/countdown";
import { mySession } from "./view/view";
import { askScope, lookForToken } from "./webtoken";

const root = document.getElementById("terminal");
if (!root) throw new Error("index.html has no element «terminal»");
render(<App />, root);

setInterval(tick, 250);
setInterval(() => connection.watch(), 5_000);

effect(() => {
  const session = mySession(view.value);
  const name = t().product;
  document.title = session ? `${clockFace(timeLeft(session.expiresAt, now.value))} · ${name}` : name;
});
const up = computed(() => view.value.link.is === "up");
effect(() => {
  if (up.value) void loadHistory(ticker.value);
});
effect(() => {
  if (!up.value) return;
  void loadDocuments(); // what waits is shown beside the market
  void loadPhones();
  void lookForToken();
});
const own = computed(() => mySession(view.value)?.id);
effect(() => {
  if (up.value && own.value !== undefined) void askScope(own.value);
});
effect(() => {
  if (view.value.stage === "signedOut") token.drop();
});
let signing: number | null = null;
effect(() => {
  const { held } = view.value.token;
  if (signing !== null && signing !== held) token.drop(signing); // the key goes with its session
  signing = held;
});
effect(() => suggestLanguage(view.value.user?.language));

addEventListener("pagehide", () => connection.leave());
addEventListener("pageshow", e => {
  if (e.persisted) connection.returned();
});
addEventListener("focus", () => void connection.wake());
addEventListener("online", () => void connection.wake());
document.addEventListener("visibilitychange", () => {
  tick();
  if (!document.hidden) void connection.wake();
});
addEventListener("storage", e => {
  if (e.key === LOGIN_MARK) void connection.wake();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => repaint.value++);

void connection.start();
