// The last two hours of an instrument in minutes, for the chart to begin with. A server without getHloc leaves the chart
// to gather live prices.

import { connection, tell } from "./app";
import { candlesFromHloc } from "./view/candles";

const MINUTE = 60;
const SHOWN = 120 * MINUTE * 1000;
let served = true;

export async function loadHistory(ticker: string): Promise<void> {
  if (!served) return;
  const now = connection.clock.now();
  const answer = await connection.request("getHloc", {
    id: ticker,
    count: -1,
    timeframe: 1,
    date_from: dateOf(now - SHOWN),
    date_to: dateOf(now + MINUTE * 1000),
    intervalMode: "OpenRay",
  });
  if (!answer.ok) {
    served = answer.lost;
    return;
  }
  const { hloc, xSeries } = answer.result;
  const candles = candlesFromHloc(hloc[ticker] ?? [], xSeries[ticker] ?? []);
  if (candles.length > 0) tell({ is: "candles", ticker, candles, step: MINUTE });
}

/** DD.MM.YYYY hh:mm, UTC. */
function dateOf(ms: number): string {
  const [date = "", time = ""] = new Date(ms).toISOString().split("T");
  return `${date.split("-").reverse().join(".")} ${time.slice(0, 5)}`;
}
