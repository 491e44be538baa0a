// What became of the submitted order, in a named state.

import { connection, now, tell, view } from "../app";
import { t } from "../ui";
import { mySession } from "../view/view";
import { idText, qtyText, timeText } from "./format";
import { Message } from "./Message";
import { orderOutcome, statText } from "./orderwords";
import { refusalText } from "./sentences";

export function TicketState() {
  return (
    <div class="ticket-state" role="status" data-state={view.value.ticket.is}>
      <State />
    </div>
  );
}

function State() {
  const w = t().ticket;
  const { ticket, orders } = view.value;
  switch (ticket.is) {
    case "ready":
      return null;
    case "sending":
      return <Message tone="note" title={ticket.again ? w.again : w.sending} />;
    case "unanswered":
      return <Message tone="warn" title={w.unanswered} />;
    case "unsure": {
      const { order } = ticket;
      const what = w.submit(order.action_id === 1 ? "buy" : "sell", qtyText(order.qty), order.instr_name);
      return (
        <Message tone="warn" title={what}>
          <p>{w.unsure}</p>
          <p class="buttons">
            <button type="button" class="button" onClick={() => connection.desk.resend()}>
              {w.resend}
            </button>
            <button type="button" class="button" onClick={() => connection.desk.forget()}>
              {w.forget}
            </button>
          </p>
        </Message>
      );
    }
    case "accepted": {
      const order = orders.byId[ticket.orderId];
      const outcome = order && orderOutcome(order);
      const session = mySession(view.value);
      return (
        <Message tone="good" title={w.accepted(idText(ticket.orderId))}>
          {order && (
            <p>
              {statText(order.stat)}
              {outcome && <br />}
              {outcome}
            </p>
          )}
          {session && <p class="muted">{w.sessionUntil(timeText(session.expiresAt, now.peek()))}</p>}
        </Message>
      );
    }
    case "refused": {
      const { what, next } = refusalText(ticket.refusal);
      return (
        <Message tone="bad" title={`${w.refused}. ${what}`}>
          {next && <p>{next}</p>}
          <p class="buttons">
            <button type="button" class="button" onClick={() => tell({ is: "ticketCleared" })}>
              {w.another}
            </button>
          </p>
        </Message>
      );
    }
  }
}
