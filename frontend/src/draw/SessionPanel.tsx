// The panel «Открыть сессию безопасности»: one tab for each means.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { connection, tell, view } from "../app";
import { dialog, type PanelTab, panelTab, t } from "../ui";
import { mySession } from "../view/view";
import { type Standing, standing } from "../view/webtoken";
import { lookForToken } from "../webtoken";
import { Dialog } from "./Dialog";
import { SmsTab } from "./SmsTab";
import { TokenTab } from "./TokenTab";
import { badgeOf } from "./tokenwords";

const tabs: PanelTab[] = ["sms", "token"];

export function SessionPanel() {
  const p = t().panel;
  const at = standing(view.value);
  const chosen = useSignal<PanelTab | null>(null);
  const settled = useRef<PanelTab | null>(null);
  if (at.is !== "unknown") settled.current ??= usual(at);
  const tab = chosen.value ?? panelTab.value ?? settled.current ?? "sms";
  const buttons = useRef<Record<PanelTab, HTMLButtonElement | null>>({ sms: null, token: null });
  const close = () => {
    dialog.value = null;
  };

  // One session may be open already: of a WEB-token that this page does not hold, or for non-trading orders only.
  const open = mySession(view.value)?.id;
  const before = useRef(open);
  useEffect(() => {
    if (open !== undefined && open !== before.current) close();
  }, [open]);
  useEffect(() => {
    tell({ is: "panelOpened", purpose: "session" });
    void connection.refreshMeans();
    void lookForToken();
  }, []);

  const move = (e: KeyboardEvent) => {
    if (e.key !== "ArrowRight" && e.key !== "ArrowLeft") return;
    chosen.value = tab === "sms" ? "token" : "sms";
    buttons.current[chosen.value]?.focus();
  };

  return (
    <Dialog title={p.title} onClose={close}>
      <p class="lead">{p.lead}</p>
      <div class="tabs" role="tablist" aria-label={p.tabs} onKeyDown={move}>
        {tabs.map(each => (
          <button
            key={each}
            ref={el => {
              buttons.current[each] = el;
            }}
            type="button"
            role="tab"
            id={`tab-${each}`}
            aria-controls={`means-${each}`}
            aria-selected={tab === each}
            tabIndex={tab === each ? 0 : -1}
            onClick={() => {
              chosen.value = each;
            }}
          >
            {each === "sms" ? p.sms : p.token}
            {each === "token" && at.is !== "here" && <small>{badgeOf(at).text}</small>}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`means-${tab}`} aria-labelledby={`tab-${tab}`}>
        {tab === "sms" ? <SmsTab /> : <TokenTab focused={chosen.value === null} />}
      </div>
    </Dialog>
  );
}

/** Where the token is, it opens the session, unless a password by SMS is on its way already. */
function usual(at: Standing): PanelTab {
  const { sent, asking } = view.value.passcode;
  return at.is === "here" && !sent && !asking ? "token" : "sms";
}
