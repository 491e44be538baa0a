// The drawing of the chart: lightweight-charts, fed with candles. Loaded on its own, after the first screen.

import {
  type CandlestickData,
  CandlestickSeries,
  createChart,
  type IChartApi,
  type ISeriesApi,
  type UTCTimestamp,
} from "lightweight-charts";
import { t } from "../ui";
import type { Candle, Series } from "../view/candles";
import { priceText } from "./format";

interface Shown {
  name: string;
  series: Series;
  step: number;
}

export class Canvas {
  private readonly chart: IChartApi;
  private readonly candles: ISeriesApi<"Candlestick">;
  private shown: Shown | null = null;

  constructor(box: HTMLElement) {
    this.chart = createChart(box, {
      autoSize: true,
      layout: { attributionLogo: false, background: { color: "transparent" }, fontSize: 11 },
      timeScale: {
        timeVisible: true,
        secondsVisible: true,
        rightOffset: 4,
        barSpacing: 9,
        borderVisible: false,
      },
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.12, bottom: 0.1 } },
      handleScale: { axisPressedMouseMove: false },
    });
    this.candles = this.chart.addSeries(CandlestickSeries, { borderVisible: false, priceLineStyle: 3 });
    this.paint();
  }

  show(next: Shown): void {
    const before = this.shown;
    this.shown = next;
    if (before?.step !== next.step || before.name !== next.name) {
      const formatter = (p: number) => priceText(p, next.step);
      const tickmarksFormatter = (all: number[]) => all.map(formatter);
      this.candles.applyOptions({
        priceFormat: { type: "custom", minMove: next.step, formatter, tickmarksFormatter },
      });
    }
    const last = next.series.candles.at(-1);
    if (before && last && follows(before, next)) {
      this.candles.update(bar(last));
      return;
    }
    this.candles.setData(next.series.candles.map(bar));
    if (before?.name !== next.name) this.chart.timeScale().scrollToRealTime();
  }

  /** Takes the colours and the language anew. */
  paint(): void {
    const css = getComputedStyle(document.documentElement);
    const color = (name: string) => css.getPropertyValue(name).trim();
    const locale = t().locale;
    const clock = (seconds: number, options: Intl.DateTimeFormatOptions) =>
      new Date(seconds * 1000).toLocaleTimeString(locale, options);
    this.chart.applyOptions({
      layout: { textColor: color("--muted"), fontFamily: color("--font-figures") },
      grid: { vertLines: { color: color("--grid") }, horzLines: { color: color("--grid") } },
      crosshair: {
        vertLine: { color: color("--muted"), labelBackgroundColor: color("--label") },
        horzLine: { color: color("--muted"), labelBackgroundColor: color("--label") },
      },
      localization: { locale, timeFormatter: (time: UTCTimestamp) => clock(time, {}) },
      timeScale: {
        tickMarkFormatter: (time: UTCTimestamp) =>
          clock(time, { hour: "2-digit", minute: "2-digit", ...(time % 60 ? { second: "2-digit" } : {}) }),
      },
    });
    this.candles.applyOptions({
      upColor: color("--up"),
      downColor: color("--down"),
      wickUpColor: color("--up"),
      wickDownColor: color("--down"),
    });
  }

  remove(): void {
    this.chart.remove();
  }
}

/** Whether the next candles are the shown ones with the last one grown, or one more. */
function follows(before: Shown, next: Shown): boolean {
  if (before.name !== next.name || before.series.step !== next.series.step) return false;
  const old = before.series.candles;
  const fresh = next.series.candles;
  const last = old.at(-1);
  return last !== undefined && (fresh.at(-1)?.time === last.time || fresh.at(-2)?.time === last.time);
}

function bar(candle: Candle): CandlestickData {
  return { ...candle, time: candle.time as UTCTimestamp };
}
