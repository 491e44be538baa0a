// The orders, as they change.

import { useSignal } from "@preact/signals";
import { view } from "../app";
import { t } from "../ui";
import { isActive, newestFirst } from "../view/orders";
import { isStale } from "../view/view";
import { OrderLine } from "./OrderLine";
import { Segmented } from "./Segmented";

/** More rows than this are history, not work. */
const SHOWN = 200;

export function OrdersTable() {
  const o = t().orders;
  const filter = useSignal<"active" | "all">("all");
  const stale = isStale(view.value);
  const all = newestFirst(view.value.orders);
  const active = all.filter(isActive);
  const rows = (filter.value === "active" ? active : all).slice(0, SHOWN);
  return (
    <section class="card orders" aria-labelledby="orders-title" data-pane="orders">
      <header class="card-head">
        <h2 id="orders-title" class="card-title">
          {o.title}
        </h2>
        {stale && <span class="badge badge-warn">{o.stale}</span>}
        <Segmented
          class="small"
          legend={o.filter}
          value={filter.value}
          onChange={value => {
            filter.value = value;
          }}
          options={[
            { value: "active", label: `${o.active} ${active.length}` },
            { value: "all", label: `${o.all} ${all.length}` },
          ]}
        />
      </header>
      {rows.length === 0 ? (
        <div class="empty">
          <p>{filter.value === "active" && all.length > 0 ? o.noneActive : o.none}</p>
          {all.length === 0 && <p class="muted">{o.noneHint}</p>}
        </div>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <section class="table-scroll" tabIndex={0} aria-label={o.table}>
          <table class={stale ? "table orders-table stale" : "table orders-table"}>
            <thead>
              <tr>
                <th scope="col">{o.time}</th>
                <th scope="col">{o.ticker}</th>
                <th scope="col">{o.side}</th>
                <th scope="col" class="number">
                  {o.price}
                </th>
                <th scope="col" class="number">
                  {o.qty}
                </th>
                <th scope="col" class="number">
                  {o.average}
                </th>
                <th scope="col">{o.status}</th>
                <th scope="col">
                  <span class="visually-hidden">{o.action}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map(order => (
                <OrderLine key={order.id} order={order} />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}
