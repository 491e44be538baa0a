// SMS: ask for the one-time password, enter it, open the session.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { now, view } from "../app";
import { askForPasscode, enterCode } from "../passcodes";
import { t } from "../ui";
import { shortFace, timeLeft } from "../view/countdown";
import { meansRow, SMS } from "../view/passcode";
import { isStale } from "../view/view";
import { timeText } from "./format";
import { Message } from "./Message";
import { SmsTrouble } from "./SmsTrouble";

const DIGITS = 6;

export function SmsTab() {
  const p = t().panel;
  const { passcode, user, means } = view.value;
  const row = meansRow(means, SMS);
  const code = useSignal("");
  const field = useRef<HTMLInputElement>(null);
  const offline = isStale(view.value);
  const { sent, blocked } = passcode;

  const wait = passcode.repeatAt === null ? 0 : timeLeft(passcode.repeatAt, now.value);
  const stillBlocked = blocked !== null && (blocked.until === null || blocked.until > now.value);
  const expired = sent !== null && sent.expiresAt <= now.value;

  useEffect(() => {
    if (!sent) return;
    code.value = "";
    field.current?.focus();
  }, [sent?.number, code]);
  useEffect(() => {
    if (passcode.entry === "wrong") field.current?.select();
  }, [passcode.entry]);

  if (row && !row.enabled && !stillBlocked) return <Message tone="warn" title={p.noPhone} />;

  const submit = async (e: Event) => {
    e.preventDefault();
    if (code.value.length !== DIGITS) return field.current?.focus();
    await enterCode(code.value);
  };

  return (
    <div class="means">
      <div class="means-ask">
        {row?.phone && !sent && (
          <p class="means-phone">
            {p.phone} <span class="figures">{row.phone}</span>
          </p>
        )}
        {sent && (
          <p class="means-sent" role="status">
            <strong>{p.sent(sent.number, sent.phone)}</strong>{" "}
            {expired ? (
              p.expired
            ) : (
              <span class="muted">{p.lives(shortFace(sent.expiresAt - now.value))}</span>
            )}
          </p>
        )}
        <button
          type="button"
          class={sent ? "button button-wide" : "button button-primary button-wide"}
          disabled={offline || passcode.asking || stillBlocked || wait > 0}
          onClick={() => void askForPasscode()}
        >
          {passcode.asking ? p.getting : sent ? p.getAgain : p.get}
        </button>
        {wait > 0 && !stillBlocked && <p class="muted means-wait">{p.again(shortFace(wait))}</p>}
      </div>

      {stillBlocked && (
        <Message
          tone="bad"
          loud
          title={
            blocked.until === null
              ? p.blocked
              : p.blockedUntil(timeText(blocked.until, now.value), shortFace(blocked.until - now.value))
          }
        />
      )}

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
            disabled={stillBlocked}
            aria-invalid={passcode.entry === "wrong"}
            aria-describedby="code-trouble"
            value={code.value}
            onInput={e => {
              code.value = e.currentTarget.value.replace(/\D/g, "").slice(0, DIGITS);
              e.currentTarget.value = code.value;
            }}
          />
        </label>
        <div id="code-trouble">{!stillBlocked && <SmsTrouble panel={passcode} />}</div>
        <button
          type="submit"
          class="button button-primary button-wide"
          disabled={offline || stillBlocked || passcode.entry === "checking" || code.value.length !== DIGITS}
        >
          {passcode.entry === "checking" ? p.submitting : p.submit}
        </button>
      </form>
      <p class="means-foot muted">
        {p.free}{" "}
        {user?.devPhone && (
          <a href="/dev/phone" target="_blank" rel="noreferrer">
            {p.devPhone}
          </a>
        )}
      </p>
    </div>
  );
}
