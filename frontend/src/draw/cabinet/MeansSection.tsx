// Means of confirmation with their status, and the way to disconnect one.

import { useEffect } from "preact/hooks";
import { connection, now, view } from "../../app";
import { type Step, t, visit } from "../../ui";
import { instant } from "../../view/figures";
import { SMS, WEB_TOKEN } from "../../view/numbers";
import type { SafetyType } from "../../wire";
import { DraftCards } from "../DraftCards";
import { meansText } from "../documentwords";
import { timeText } from "../format";
import { Icon } from "../Icon";
import { DisconnectStep } from "./DisconnectStep";
import { RevokeStep } from "./RevokeStep";
import { SignStep } from "./SignStep";
import { TokenRow } from "./TokenRow";

export function MeansSection({ step }: { step: Step | null }) {
  const up = view.value.link.is === "up";
  useEffect(() => {
    if (up) void connection.refreshMeans();
  }, [up]);
  switch (step?.is) {
    case "sign":
      return <SignStep section="means" step={step} />;
    case "disconnect":
      return <DisconnectStep means={step.means} />;
    case "revoke":
      return <RevokeStep />;
    default:
      return <MeansList />;
  }
}

function MeansList() {
  const m = t().means;
  return (
    <>
      <p class="lead" tabIndex={-1} data-first>
        {m.lead}
      </p>
      <DraftCards />
      <ul class="rows">
        {view.value.means.map(row =>
          row.safety_type_id === WEB_TOKEN ? (
            <TokenRow key={WEB_TOKEN} />
          ) : (
            <MeansRow key={row.safety_type_id} row={row} />
          ),
        )}
      </ul>
    </>
  );
}

function MeansRow({ row }: { row: SafetyType }) {
  const m = t().means;
  const sms = row.safety_type_id === SMS;
  const { tone, text } = statusOf(row);
  return (
    <li class="row">
      <Icon name="phone" />
      <div class="row-what">
        <p class="row-title">
          {meansText(row.safety_type_id)} <span class={`badge badge-${tone}`}>{text}</span>
        </p>
        <p class="muted">
          {sms && m.smsText} {row.phone && <span class="figures">{row.phone}</span>}
        </p>
        {row.disconnected && <p>{m.byBroker}</p>}
        {row.enabled && row.attemptsLeft !== undefined && <p class="muted">{m.left(row.attemptsLeft)}</p>}
      </div>
      {sms && row.phone && !row.disconnected && (
        <p class="row-buttons">
          <button
            type="button"
            class="button button-small button-danger"
            aria-label={m.disconnectLong}
            onClick={() => visit("means", { is: "disconnect", means: SMS })}
          >
            {m.disconnect}
          </button>
        </p>
      )}
    </li>
  );
}

function statusOf(row: SafetyType): { tone: "good" | "bad" | "off"; text: string } {
  const m = t().means;
  if (row.disconnected) return { tone: "bad", text: m.disconnected };
  if (row.enabled) return { tone: "good", text: m.ready };
  if (row.safety_type_id !== SMS) return { tone: "off", text: m.notConnected };
  if (!row.phone) return { tone: "off", text: m.noPhone };
  const until = instant(row.blockedUntil);
  return { tone: "bad", text: until === null ? m.blocked : m.blockedUntil(timeText(until, now.value)) };
}
