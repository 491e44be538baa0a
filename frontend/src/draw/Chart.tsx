// The chart of the chosen instrument, with its best prices above.

import { useEffect, useRef } from "preact/hooks";
import { view } from "../app";
import { instrument } from "../instruments";
import { language, repaint, t, ticker } from "../ui";
import { noSeries } from "../view/candles";
import type { Canvas } from "./canvas";
import { priceText, signedText } from "./format";

export function Chart() {
  const c = t().chart;
  const name = ticker.value;
  const price = view.value.prices[name];
  const series = view.value.series[name] ?? noSeries;
  const step = price?.step ?? instrument(name).step;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<Canvas | null>(null);
  const latest = useRef({ name, series, step });
  latest.current = { name, series, step };

  useEffect(() => {
    let gone = false;
    void import("./canvas").then(({ Canvas }) => {
      if (gone || !box.current) return;
      canvas.current = new Canvas(box.current);
      canvas.current.show(latest.current);
    });
    return () => {
      gone = true;
      canvas.current?.remove();
    };
  }, []);
  useEffect(() => canvas.current?.show({ name, series, step }), [name, series, step]);
  useEffect(() => canvas.current?.paint(), [repaint.value, language.value]);

  const way = price && price.change !== 0 ? (price.change > 0 ? "up" : "down") : "";
  return (
    <section class="card chart" aria-labelledby="chart-title" data-pane="market">
      <header class="chart-head">
        <h2 id="chart-title" class="chart-name">
          {name} <small>{t().instruments[name]}</small>
        </h2>
        {price && (
          <p class="chart-last">
            <span class="figures">{priceText(price.last, step)}</span>{" "}
            <span class={`figures ${way}`}>
              {signedText(price.change)} ({signedText(price.percent)}%)
            </span>
          </p>
        )}
        {price && (
          <dl class="chart-best">
            <div>
              <dt>{t().quotes.bid}</dt>
              <dd class="figures up">{priceText(price.bid, step)}</dd>
            </div>
            <div>
              <dt>{t().quotes.ask}</dt>
              <dd class="figures down">{priceText(price.ask, step)}</dd>
            </div>
          </dl>
        )}
        <p class="chart-note">{series.step >= 60 ? c.minute : c.fine}</p>
      </header>
      <div class="chart-box" ref={box} role="img" aria-label={c.label(name)} />
      {series.candles.length === 0 && <p class="chart-empty">{c.waiting}</p>}
    </section>
  );
}
