// The instrument of the ticket; the quotes table chooses the same one.

import { tickers } from "../instruments";
import { chooseTicker, t, ticker } from "../ui";

export function TickerSelect() {
  return (
    <label class="field">
      <span>{t().quotes.ticker}</span>
      <select value={ticker.value} onChange={e => chooseTicker(e.currentTarget.value)}>
        {tickers.map(name => (
          <option key={name} value={name}>
            {`${name} · ${t().instruments[name] ?? ""}`}
          </option>
        ))}
      </select>
    </label>
  );
}
