// Why no order can be submitted now, and the way to change it.

import { view } from "../app";
import { openPanel, type PanelTab, t } from "../ui";
import { isStale } from "../view/view";
import { tradingBar } from "../view/webtoken";
import { Icon, type IconName } from "./Icon";

export function TicketGate() {
  const { ticket, header } = t();
  if (isStale(view.value)) return <p class="ticket-gate">{ticket.noLink}</p>;
  switch (tradingBar(view.value)) {
    case null:
      return null;
    case "session":
      return <Gate text={ticket.noSession} way={header.openShort} icon="shield" tab={null} />;
    case "scope":
      return <Gate text={ticket.nonTrading} way={header.openShort} icon="shield" tab="sms" />;
    case "limited":
      return <p class="ticket-gate">{ticket.limited}</p>;
    case "pin":
      return <Gate text={ticket.needsPin} way={ticket.enterPin} icon="key" tab="token" />;
  }
}

interface Props {
  text: string;
  way: string;
  icon: IconName;
  tab: PanelTab | null;
}

function Gate({ text, way, icon, tab }: Props) {
  return (
    <div class="ticket-gate">
      <p>{text}</p>
      <button type="button" class="button button-wide" onClick={() => openPanel(tab)}>
        <Icon name={icon} />
        {way}
      </button>
    </div>
  );
}
