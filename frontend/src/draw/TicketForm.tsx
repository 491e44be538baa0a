// The order ticket.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { connection, tell, view } from "../app";
import { instrument } from "../instruments";
import { t, ticker } from "../ui";
import { type Draft, orderFrom, problemOf, stepped, sumOf } from "../view/draft";
import { decimals } from "../view/figures";
import { isStale } from "../view/view";
import { tradingBar } from "../view/webtoken";
import { moneyText, priceText, qtyText } from "./format";
import { Segmented } from "./Segmented";
import { Stepper } from "./Stepper";
import { TickerSelect } from "./TickerSelect";
import { TicketGate } from "./TicketGate";
import { TicketState } from "./TicketState";

export function TicketForm() {
  const w = t().ticket;
  const name = ticker.value;
  const price = view.value.prices[name];
  const step = price?.step ?? instrument(name).step;
  const draft = useSignal<Draft>({
    ticker: name,
    side: "buy",
    kind: "market",
    qty: "10",
    price: "",
    lasts: "day",
  });
  const tried = useSignal(false);
  const d = { ...draft.value, ticker: name };

  const change = (part: Partial<Draft>) => {
    draft.value = { ...draft.value, ...part };
    tried.value = false;
    tell({ is: "ticketCleared" });
  };
  const best = (price && (d.side === "buy" ? price.ask : price.bid)) || price?.last || 0;
  const plain = (value: number, by: number) =>
    value.toFixed(decimals(by)).replace(".", t().locale === "ru-RU" ? "," : ".");

  // A price belongs to its instrument: another one begins at the market.
  useEffect(() => {
    if (draft.peek().price !== "") draft.value = { ...draft.peek(), price: "" };
  }, [name, draft]);
  useEffect(() => {
    if (d.kind === "limit" && draft.peek().price === "" && best > 0) {
      draft.value = { ...draft.peek(), price: plain(best, step) };
    }
  });

  const problem = problemOf(d, step);
  const { is } = view.value.ticket;
  const open = tradingBar(view.value) === null && !isStale(view.value);
  const underway = is === "sending" || is === "unanswered" || is === "unsure";
  const sum = sumOf(d, best);

  const submit = (e: Event) => {
    e.preventDefault();
    tried.value = true;
    if (problem || underway || !open) return;
    void connection.desk.submit(orderFrom(d, connection.desk.newId()));
  };

  return (
    <section class="card ticket" aria-labelledby="ticket-title">
      <h2 id="ticket-title" class="card-title">
        {w.title}
      </h2>
      <form class="form" onSubmit={submit} noValidate>
        <TickerSelect />
        <Segmented
          class="sides"
          legend={w.side}
          value={d.side}
          onChange={side => change({ side })}
          options={[
            { value: "buy", label: w.buy, tone: "segment-buy" },
            { value: "sell", label: w.sell, tone: "segment-sell" },
          ]}
        />
        <Segmented
          legend={w.kind}
          value={d.kind}
          onChange={kind => change({ kind })}
          options={[
            { value: "market", label: w.market },
            { value: "limit", label: w.limit },
          ]}
        />
        <Stepper
          label={w.qty}
          by="1"
          value={d.qty}
          bad={tried.value && problem === "qty"}
          onInput={qty => change({ qty })}
          onStep={by => change({ qty: String(stepped(d.qty, 1, by)) })}
        />
        {d.kind === "limit" ? (
          <Stepper
            label={w.price}
            by={priceText(step, step)}
            hint={instrument(name).currency === "RUB" ? "₽" : "$"}
            decimal
            value={d.price}
            bad={tried.value && problem === "price"}
            onInput={text => change({ price: text })}
            onStep={by => change({ price: plain(stepped(d.price, step, by), step) })}
          />
        ) : (
          <p class="ticket-market">
            <span>{w.price}</span>
            <span>
              {w.bestPrice} <span class="figures">{best > 0 ? priceText(best, step) : "—"}</span>
            </span>
          </p>
        )}
        <div class="field">
          <span>
            {w.lasts} {d.lasts === "day" && <small>{w.dayHint}</small>}
          </span>
          <Segmented
            legend={w.lasts}
            value={d.lasts}
            onChange={lasts => change({ lasts })}
            options={[
              { value: "day", label: w.day },
              { value: "gtc", label: w.gtc },
            ]}
          />
        </div>
        <p class="ticket-sum">
          <span>{d.kind === "limit" ? w.total : w.totalAbout}</span>
          <strong class="figures">{sum === null ? "—" : moneyText(sum, instrument(name).currency)}</strong>
        </p>
        {tried.value && problem && (
          <p class="ticket-problem" role="alert">
            {problem === "qty" ? w.badQty : w.badPrice(priceText(step, step))}
          </p>
        )}
        <button type="submit" class={`button button-wide button-${d.side}`} disabled={!open || underway}>
          {w.submit(d.side, problem === "qty" ? "" : qtyText(Number(d.qty.replace(/\s/g, ""))), name)}
        </button>
        <TicketGate />
        <TicketState />
      </form>
    </section>
  );
}
