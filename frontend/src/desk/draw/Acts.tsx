// The buttons of a line: what protects is red.

import { type Act, protects } from "../acts";
import { ask } from "../app";
import { actText } from "../sentences";
import { w } from "../words";

export function Acts({ acts }: { acts: Act[] }) {
  if (acts.length === 0) return null;
  return (
    <p class="desk-acts">
      {acts.map(act => (
        <button
          key={act.is}
          type="button"
          class={`button button-small ${protects(act) ? "button-warn" : ""}`}
          aria-label={actText(act)}
          onClick={() => ask({ is: "act", act })}
        >
          {short(act)}
        </button>
      ))}
    </p>
  );
}

function short(act: Act): string {
  if (act.is === "addPhone" || act.is === "closeSessions") return actText(act);
  return w().acts.short[act.is];
}
