// «Пока вас не было»: how the session ended and what became of the orders meanwhile.

import { now, tell, view } from "../app";
import { instrument } from "../instruments";
import { openPanel, t } from "../ui";
import { type AwayLine, awayLines } from "../view/away";
import { SMS } from "../view/numbers";
import { mySession } from "../view/view";
import { averageText, priceText, qtyText, timeText } from "./format";
import { Icon } from "./Icon";
import { closedText, deviceText, eventText } from "./sentences";

export function AwayCard() {
  const { away, orders, link } = view.value;
  const lines = awayLines(away, orders);
  if (link.is !== "up" || lines.length === 0) return null;
  const closed = lines.some(l => l.is === "closed") && !mySession(view.value);
  return (
    <section class="away" aria-labelledby="away-title">
      <Icon name="away" />
      <div>
        <h2 id="away-title">{t().away.title}</h2>
        <ul role="status">
          {lines.map(line => (
            <li key={keyOf(line)}>{lineText(line)}</li>
          ))}
        </ul>
        {closed && (
          <p class="away-next">
            {t().away.stay}{" "}
            <button type="button" class="link-button" onClick={() => openPanel()}>
              {t().header.open}
            </button>
          </p>
        )}
      </div>
      <button
        type="button"
        class="icon-button"
        aria-label={t().close}
        onClick={() => tell({ is: "awayClosed" })}
      >
        <Icon name="close" />
      </button>
    </section>
  );
}

function keyOf(line: AwayLine): string {
  const which = line.is === "order" ? line.order.id : line.is === "told" ? line.told.seq : "";
  return `${line.is}${line.at}${which}`;
}

function lineText(line: AwayLine): string {
  const a = t().away;
  const time = timeText(line.at, now.peek());
  switch (line.is) {
    case "closed": {
      const own = view.value.user?.loginId === line.login;
      const label = view.value.journal.labels[line.login];
      const why = closedText(line.reason);
      return own || !label
        ? a.closed(time, why)
        : a.closedOther(time, deviceText(view.value, line.login), why);
    }
    case "attempts":
      return a.attempts(line.count, time);
    case "blocked":
      return line.means === SMS ? a.blockedSms(time) : a.blockedPassword(time);
    case "told":
      return a.at(time, eventText(line.told, view.value, now.peek()));
    case "order": {
      const { order, qty, price, end } = line;
      if (price === null)
        return `${a.nothing(order.ticker, order.side, qtyText(order.qty))}: ${a.endNothing[end]}`;
      const cost =
        order.fills.length === 1 ? priceText(price, instrument(order.ticker).step) : averageText(price);
      const said = order.side === "buy" ? a.bought : a.sold;
      const text = said(order.ticker, qtyText(qty), cost);
      return end === "filled" ? text : `${text}, ${a.end[end]}`;
    }
  }
}
