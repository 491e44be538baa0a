// The quotes: a price flashes when it moves; a row chooses the instrument.

import { view } from "../app";
import { instrument, tickers } from "../instruments";
import { chooseTicker, t, ticker } from "../ui";
import type { Price } from "../view/quotes";
import { isStale } from "../view/view";
import { priceText, signedText } from "./format";

export function Quotes() {
  const q = t().quotes;
  const { prices } = view.value;
  return (
    <section class="card quotes" aria-labelledby="quotes-title">
      <h2 id="quotes-title" class="card-title">
        {q.title}
      </h2>
      <table class={isStale(view.value) ? "table stale" : "table"}>
        <thead>
          <tr>
            <th scope="col">{q.ticker}</th>
            <th scope="col" class="number">
              {q.last}
            </th>
            <th scope="col" class="number">
              {q.change}
            </th>
          </tr>
        </thead>
        <tbody>
          {tickers.map(name => (
            <QuoteRow key={name} name={name} price={prices[name]} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function QuoteRow({ name, price }: { name: string; price: Price | undefined }) {
  const chosen = ticker.value === name;
  const step = price?.step ?? instrument(name).step;
  const way = price && price.change !== 0 ? (price.change > 0 ? "up" : "down") : "";
  // Two names for one animation: the other name starts it again.
  const flash = price?.moved ? `flash-${price.moved}-${price.moves % 2}` : "";
  return (
    <tr class={chosen ? "chosen" : ""}>
      <th scope="row">
        <button
          type="button"
          class="ticker-button"
          aria-pressed={chosen}
          title={t().quotes.choose(name)}
          onClick={() => chooseTicker(name)}
        >
          <strong>{name}</strong> <small>{t().instruments[name]}</small>
        </button>
      </th>
      <td class="number figures">
        {price ? <span class={`price ${flash}`}>{priceText(price.last, step)}</span> : "—"}
      </td>
      <td class={`number figures ${way}`}>{price ? `${signedText(price.percent)}%` : "—"}</td>
    </tr>
  );
}
