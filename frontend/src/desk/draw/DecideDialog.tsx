// The second operator sees once more what he confirms or declines.

import { useSignal } from "@preact/signals";
import { Dialog } from "../../draw/Dialog";
import { timeText } from "../../draw/format";
import { instant } from "../../view/figures";
import { desk, now, tell } from "../app";
import type { PendingRow, Refusal } from "../rows";
import { orderText } from "../sentences";
import { w } from "../words";
import { Trouble } from "./Trouble";

const close = () => tell({ is: "dialogClosed" });

export function DecideDialog({ row, confirms }: { row: PendingRow; confirms: boolean }) {
  const d = w().decide;
  const sending = useSignal(false);
  const refusal = useSignal<Refusal | null>(null);
  const kind = confirms ? "confirm" : row.own ? "withdraw" : "decline";

  const submit = async (e: Event) => {
    e.preventDefault();
    if (sending.value) return;
    sending.value = true;
    refusal.value = await (confirms ? desk.confirm(row) : desk.decline(row));
    sending.value = false;
  };

  const until = instant(row.document.expiresAt);
  return (
    <Dialog title={d[`${kind}Title`]} onClose={close}>
      <form class="form" onSubmit={submit}>
        <p class="lead">{d[`${kind}Lead`]}</p>
        <dl class="desk-facts">
          <Fact name={d.client} value={w().queue.client(row.name, row.client)} />
          <Fact name={d.what} value={orderText(row.document)} strong />
          <Fact name={d.who} value={row.document.operator} />
          <Fact name={d.why} value={row.document.reason} />
          {until !== null && <Fact name={d.until} value={timeText(until, now.value)} />}
        </dl>
        {refusal.value && <Trouble refusal={refusal.value} />}
        <p class="buttons">
          <button
            type="submit"
            class={`button ${confirms ? "button-primary" : "button-danger"}`}
            disabled={sending.value}
          >
            {sending.value ? d.sending : d[kind]}
          </button>
          <button type="button" class="button" onClick={close}>
            {w().cancel}
          </button>
        </p>
      </form>
    </Dialog>
  );
}

function Fact({ name, value, strong = false }: { name: string; value: string; strong?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{strong ? <strong>{value}</strong> : value}</dd>
    </div>
  );
}
