// On a phone: which part of the terminal is on the screen.

import { type Pane, pane, t } from "../ui";
import { Icon, type IconName } from "./Icon";

const panes: { name: Pane; icon: IconName }[] = [
  { name: "market", icon: "chart" },
  { name: "ticket", icon: "ticket" },
  { name: "orders", icon: "list" },
];

export function PaneBar() {
  return (
    <nav class="pane-bar" aria-label={t().panes.label}>
      {panes.map(p => (
        <button
          key={p.name}
          type="button"
          aria-current={pane.value === p.name ? "page" : undefined}
          onClick={() => {
            pane.value = p.name;
          }}
        >
          <Icon name={p.icon} />
          {t().panes[p.name]}
        </button>
      ))}
    </nav>
  );
}
