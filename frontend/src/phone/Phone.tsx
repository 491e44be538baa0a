// A simple phone with the texts of all clients, newest last.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { secondsText } from "../draw/format";
import { LanguageSwitch } from "../draw/Switches";
import { t } from "../ui";
import { instant } from "../view/figures";

interface Text {
  to: string;
  text: string;
  at: string;
}

const EVERY = 1000;

export function Phone() {
  const p = t().phone;
  const texts = useSignal<Text[]>([]);
  const lost = useSignal(false);
  const who = useSignal("");
  const end = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      try {
        const response = await fetch("/dev/phone/messages", { cache: "no-store" });
        texts.value = await response.json();
        lost.value = false;
      } catch {
        lost.value = true;
      }
      timer = setTimeout(look, EVERY);
    };
    void look();
    return () => clearTimeout(timer);
  }, [texts, lost]);
  useEffect(() => {
    document.title = `${p.title} · ${t().product}`;
  });
  useEffect(() => end.current?.scrollIntoView({ block: "end" }), [texts.value.length]);

  const numbers = [...new Set(texts.value.map(x => x.to))];
  const shown = texts.value.filter(x => who.value === "" || x.to === who.value);
  return (
    <main class="phone-room">
      <header class="phone-head">
        <h1>{p.title}</h1>
        <p class="muted">{p.lead}</p>
        <p>
          <a href="/">{p.back}</a> <LanguageSwitch />
        </p>
        <label class="field">
          <span>{p.who}</span>
          <select
            value={who.value}
            onChange={e => {
              who.value = e.currentTarget.value;
            }}
          >
            <option value="">{p.all}</option>
            {numbers.map(n => (
              <option key={n}>{n}</option>
            ))}
          </select>
        </label>
        {lost.value && <p role="alert">{p.offline}</p>}
      </header>
      <section class="phone" aria-label={p.list}>
        <p class="phone-top">{p.sender}</p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
        <div class="phone-screen" tabIndex={0} role="log" aria-live="polite" aria-label={p.list}>
          {shown.length === 0 && <p class="muted phone-empty">{p.empty}</p>}
          {shown.map(x => (
            <Bubble key={`${x.at}${x.to}${x.text}`} text={x} />
          ))}
          <div ref={end} />
        </div>
      </section>
    </main>
  );
}

function Bubble({ text }: { text: Text }) {
  const at = instant(text.at);
  return (
    <article class="bubble" data-testid="sms">
      <p class="bubble-text">
        {text.text.split(/(\b\d{6}\b)/).map((part, i) => (i % 2 ? <b key={part}>{part}</b> : part))}
      </p>
      <p class="bubble-foot">
        {t().phone.to(text.to)} · {at === null ? "" : secondsText(at)}
      </p>
    </article>
  );
}
