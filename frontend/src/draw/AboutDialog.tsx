// What this is, and whose work it stands on.

import { connection, view } from "../app";
import { dialog, t } from "../ui";
import { Dialog } from "./Dialog";
import { signedText } from "./format";
import { Mark } from "./Mark";

/** A clock that is off by less does not matter to anybody. */
const WORTH_TELLING = 2_000;

export function AboutDialog() {
  const a = t().about;
  const { user } = view.value;
  const off = Date.now() - connection.clock.now();
  return (
    <Dialog
      title={a.title}
      onClose={() => {
        dialog.value = null;
      }}
    >
      <div class="about">
        <Mark big />
        <p>
          {a.text} {user?.version && a.version(user.version)}
        </p>
        <p>{t().simulatedLong}</p>
        {user?.terminal !== undefined && (
          <p class="muted">
            {a.terminal(String(user.terminal))}, {a.login(String(user.loginId ?? ""))}
          </p>
        )}
        {Math.abs(off) > WORTH_TELLING && <p class="muted">{a.clock(signedText(off / 1000, 0))}</p>}
        <p class="muted">
          {a.chart}{" "}
          <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
            TradingView Lightweight Charts™
          </a>
          . Copyright © 2025 TradingView, Inc.
        </p>
        <p class="muted">{a.fonts}</p>
      </div>
    </Dialog>
  );
}
