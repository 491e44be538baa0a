// What the terminal must know of an instrument before its first quote comes.

export interface Instrument {
  ticker: string;
  currency: "RUB" | "USD";
  step: number;
}

export const instruments: Instrument[] = [
  { ticker: "SBER", currency: "RUB", step: 0.01 },
  { ticker: "GAZP", currency: "RUB", step: 0.01 },
  { ticker: "LKOH", currency: "RUB", step: 0.01 },
  { ticker: "ROSN", currency: "RUB", step: 0.01 },
  { ticker: "AAPL", currency: "USD", step: 0.01 },
];

export const tickers = instruments.map(i => i.ticker);

export function instrument(ticker: string): Instrument {
  return instruments.find(i => i.ticker === ticker) ?? { ticker, currency: "RUB", step: 0.01 };
}
