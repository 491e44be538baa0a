// A one-time password by SMS: ask for it, see where it went and how long it lives, enter it.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { now } from "../app";
import { t } from "../ui";
import { shortFace, timeLeft } from "../view/countdown";
import type { PasscodePanel } from "../view/passcode";
import { timeText } from "./format";
import { Message } from "./Message";
import { SmsTrouble } from "./SmsTrouble";

const DIGITS = 6;

interface Props {
  panel: PasscodePanel;
  /** Where the password would go, masked, as long as none was sent. */
  phone?: string | undefined;
  /** What the right password does. */
  submit: string;
  danger?: boolean;
  offline: boolean;
  onAsk: () => void;
  onEnter: (code: string) => void;
  /** What else can be done, beside asking again. */
  children?: ComponentChildren;
}

export function CodeEntry(props: Props) {
  const { panel, phone, children } = props;
  const p = t().panel;
  const blocked = isBlocked(panel, now.value);
  return (
    <div class="means">
      {panel.sent ? (
        <Sent sent={panel.sent} />
      ) : (
        <div class="means-ask">
          {phone && (
            <p class="means-phone">
              {p.phone} <span class="figures">{phone}</span>
            </p>
          )}
          <Ask {...props} blocked={blocked} />
        </div>
      )}
      {blocked && <Blocked panel={panel} />}
      <Entering {...props} blocked={blocked} />
      {(panel.sent || children) && (
        <div class="means-ask">
          {panel.sent && <Ask {...props} blocked={blocked} />}
          {children}
        </div>
      )}
    </div>
  );
}

export function isBlocked({ blocked }: PasscodePanel, at: number): boolean {
  return blocked !== null && (blocked.until === null || blocked.until > at);
}

function Sent({ sent }: { sent: NonNullable<PasscodePanel["sent"]> }) {
  const p = t().panel;
  return (
    <p class="means-sent" role="status">
      <strong>{p.sent(sent.number, sent.phone)}</strong>{" "}
      {sent.expiresAt <= now.value ? (
        p.expired
      ) : (
        <span class="muted">{p.lives(shortFace(sent.expiresAt - now.value))}</span>
      )}
    </p>
  );
}

type Part = Props & { blocked: boolean };

function Ask({ panel, offline, onAsk, blocked }: Part) {
  const p = t().panel;
  const wait = panel.repeatAt === null ? 0 : timeLeft(panel.repeatAt, now.value);
  return (
    <>
      <button
        type="button"
        class={panel.sent ? "button button-wide" : "button button-primary button-wide"}
        disabled={offline || panel.asking || blocked || wait > 0}
        onClick={onAsk}
      >
        {panel.asking ? p.getting : panel.sent ? p.getAgain : p.get}
      </button>
      {wait > 0 && !blocked && <p class="muted means-wait">{p.again(shortFace(wait))}</p>}
    </>
  );
}

function Blocked({ panel }: { panel: PasscodePanel }) {
  const p = t().panel;
  const until = panel.blocked?.until ?? null;
  const title =
    until === null ? p.blocked : p.blockedUntil(timeText(until, now.value), shortFace(until - now.value));
  return <Message tone="bad" loud title={title} />;
}

function Entering({ panel, submit: name, danger, offline, onEnter, blocked }: Part) {
  const p = t().panel;
  const code = useSignal("");
  const field = useRef<HTMLInputElement>(null);
  const trouble = useId();

  useEffect(() => {
    if (!panel.sent) return;
    code.value = "";
    field.current?.focus();
  }, [panel.sent?.number, code]);
  useEffect(() => {
    if (panel.entry === "wrong") field.current?.select();
  }, [panel.entry]);

  const submit = (e: Event) => {
    e.preventDefault();
    if (code.value.length !== DIGITS) return field.current?.focus();
    onEnter(code.value);
  };
  return (
    <form class="form" onSubmit={submit} noValidate>
      <label class="field">
        <span>
          {p.code} <small>{p.codeHint}</small>
        </span>
        <input
          ref={field}
          class="code-field figures"
          name="code"
          inputmode="numeric"
          autocomplete="one-time-code"
          pattern="[0-9]{6}"
          maxLength={DIGITS}
          placeholder="••••••"
          disabled={blocked}
          aria-invalid={panel.entry === "wrong"}
          aria-describedby={trouble}
          value={code.value}
          onInput={e => {
            code.value = e.currentTarget.value.replace(/\D/g, "").slice(0, DIGITS);
            e.currentTarget.value = code.value;
          }}
        />
      </label>
      <div id={trouble} class="code-trouble">
        {!blocked && <SmsTrouble panel={panel} />}
      </div>
      <button
        type="submit"
        class={`button button-wide ${danger ? "button-danger" : "button-primary"}`}
        disabled={offline || blocked || panel.entry === "checking" || code.value.length !== DIGITS}
      >
        {panel.entry === "checking" ? p.submitting : name}
      </button>
    </form>
  );
}
