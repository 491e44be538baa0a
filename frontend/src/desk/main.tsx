// Wiring: the operator's keys to the desk, the view to the screen.

import { effect } from "@preact/signals";
import { render } from "preact";
import "../style/index.css";
import "./desk.css";
import { desk, tick, view } from "./app";
import { App } from "./draw/App";
import { SEARCH_FIELD } from "./draw/Search";
import { forMe } from "./view";
import { w } from "./words";

const root = document.getElementById("desk");
if (!root) throw new Error("desk.html has no element «desk»");
render(<App />, root);

setInterval(tick, 250);

effect(() => {
  const waiting = forMe(view.value).length;
  const title = `${w().title} · ${w().product}`;
  document.title = waiting > 0 ? w().titleWaiting(waiting, title) : title;
});

addEventListener("keydown", e => {
  if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || isTyping(e.target)) return;
  const field = document.getElementById(SEARCH_FIELD);
  if (!field || view.peek().dialog) return;
  e.preventDefault();
  field.focus();
});

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}

void desk.start();
