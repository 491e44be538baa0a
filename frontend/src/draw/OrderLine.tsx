// One order.

import { useSignal } from "@preact/signals";
import { connection, now, signer, tell, view } from "../app";
import { instrument } from "../instruments";
import { ownRefusal } from "../link/requests";
import { t } from "../ui";
import { filledQty, isActive, type Order, Stat } from "../view/orders";
import { isStale } from "../view/view";
import { tradingBar } from "../view/webtoken";
import type { Refusal } from "../wire";
import { idText, priceText, qtyText, sameDay, secondsText, timeText } from "./format";
import { averageOf, statText } from "./orderwords";

export function OrderLine({ order }: { order: Order }) {
  const o = t().orders;
  const today = now.peek();
  const filled = filledQty(order);
  return (
    <tr data-order={order.id} data-stat={order.stat}>
      <td class="figures order-time">
        {sameDay(order.at, today) ? secondsText(order.at) : timeText(order.at, today)}
      </td>
      <th scope="row" class="order-ticker">
        <strong>{order.ticker}</strong> <small class="muted">№ {idText(order.id)}</small>
      </th>
      <td class={order.side === "buy" ? "order-side up" : "order-side down"}>
        {order.side === "buy" ? o.buy : o.sell}
      </td>
      <td class="number figures order-price">
        {order.kind === "market" ? (
          <span class="muted">{o.market}</span>
        ) : (
          priceText(order.price, instrument(order.ticker).step)
        )}
        {order.lasts === "gtc" && <small class="muted"> {o.gtc}</small>}
      </td>
      <td class="number figures order-filled">
        {qtyText(filled)}/{qtyText(order.qty)}
        <progress value={filled} max={order.qty} aria-hidden="true" />
      </td>
      <td class="number figures order-average">{averageOf(order) ?? "—"}</td>
      <td class="order-stat">
        <span class={`stat stat-${tone(order)}`}>{statText(order.stat)}</span>
        {order.reason && <small class="muted">{order.reason}</small>}
      </td>
      <td class="order-action">
        <CancelButton order={order} />
      </td>
    </tr>
  );
}

function CancelButton({ order }: { order: Order }) {
  const o = t().orders;
  const busy = useSignal(false);
  if (!isActive(order) || order.stat === Stat.cancelling) return null;
  const cancel = async () => {
    busy.value = true;
    const refusal = await cancelOrder(order.id);
    busy.value = false;
    if (refusal) tell({ is: "refused", doing: "cancel", refusal, at: connection.clock.now() });
  };
  return (
    <button
      type="button"
      class="button button-small"
      aria-label={o.cancelLong(idText(order.id), order.ticker)}
      disabled={busy.value || isStale(view.value) || tradingBar(view.value) !== null}
      onClick={() => void cancel()}
    >
      {o.cancel}
    </button>
  );
}

async function cancelOrder(id: number): Promise<Refusal | null> {
  const frame = await signer.cancellation(id);
  if (!frame) return ownRefusal("need_token_signature");
  const answer = await connection.request("delTradeOrder", frame);
  return answer.ok ? null : answer.refusal;
}

function tone(order: Order): string {
  if (isActive(order)) return order.fills.length ? "part" : "active";
  if (order.stat === Stat.executed) return "done";
  return order.stat === Stat.rejected || order.stat > Stat.partlyExpired ? "bad" : "off";
}
