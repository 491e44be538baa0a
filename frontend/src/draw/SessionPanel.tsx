// The panel «Открыть сессию безопасности»: one tab for each means.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { connection, tell, view } from "../app";
import { dialog, t } from "../ui";
import { mySession } from "../view/view";
import { Dialog } from "./Dialog";
import { SmsTab } from "./SmsTab";
import { TokenTab } from "./TokenTab";

type Tab = "sms" | "token";
const tabs: Tab[] = ["sms", "token"];

export function SessionPanel() {
  const p = t().panel;
  const chosen = useSignal<Tab>("sms");
  const buttons = useRef<Record<Tab, HTMLButtonElement | null>>({ sms: null, token: null });
  const close = () => {
    dialog.value = null;
  };

  const open = mySession(view.value) !== null;
  useEffect(() => {
    if (open) close();
  }, [open]);
  useEffect(() => {
    tell({ is: "panelOpened", purpose: "session" });
    void connection.refreshMeans();
  }, []);

  const move = (e: KeyboardEvent) => {
    if (e.key !== "ArrowRight" && e.key !== "ArrowLeft") return;
    chosen.value = chosen.value === "sms" ? "token" : "sms";
    buttons.current[chosen.value]?.focus();
  };

  return (
    <Dialog title={p.title} onClose={close}>
      <p class="lead">{p.lead}</p>
      <div class="tabs" role="tablist" aria-label={p.tabs} onKeyDown={move}>
        {tabs.map(tab => (
          <button
            key={tab}
            ref={el => {
              buttons.current[tab] = el;
            }}
            type="button"
            role="tab"
            id={`tab-${tab}`}
            aria-controls={`means-${tab}`}
            aria-selected={chosen.value === tab}
            tabIndex={chosen.value === tab ? 0 : -1}
            onClick={() => {
              chosen.value = tab;
            }}
          >
            {tab === "sms" ? p.sms : p.token}
            {tab === "token" && <small>{p.tokenOff}</small>}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`means-${chosen.value}`} aria-labelledby={`tab-${chosen.value}`}>
        {chosen.value === "sms" ? <SmsTab /> : <TokenTab />}
      </div>
    </Dialog>
  );
}
