// Login and password, and everything that can be wrong with them.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { connection, now, view } from "../app";
import { t } from "../ui";
import { shortFace, timeLeft } from "../view/countdown";
import type { Refusal } from "../wire";
import { Message } from "./Message";
import { PasswordField } from "./PasswordField";
import { Refused } from "./Refused";
import { refusalText } from "./sentences";

interface Trouble {
  refusal: Refusal;
  /** On this machine's clock: when it may be tried again. */
  until: number;
}

export function LoginForm() {
  const l = t().login;
  const login = useSignal("");
  const password = useSignal("");
  const remember = useSignal(false);
  const busy = useSignal(false);
  const trouble = useSignal<Trouble | null>(null);
  const empty = useSignal(false);
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);

  const { farewell } = view.value;
  void now.value;
  const wait = trouble.value ? timeLeft(trouble.value.until, Date.now()) : 0;

  const submit = async (e: Event) => {
    e.preventDefault();
    if (busy.value) return;
    empty.value = login.value.trim() === "" || password.value === "";
    if (empty.value) {
      trouble.value = null;
      (login.value.trim() === "" ? first : second).current?.focus();
      return;
    }
    busy.value = true;
    const refusal = await connection.login(login.value.trim(), password.value, remember.value);
    busy.value = false;
    if (!refusal) return;
    trouble.value = { refusal, until: Date.now() + (refusal.retryAfter ?? 0) * 1000 };
    password.value = "";
    second.current?.focus();
  };

  return (
    <form class="form" onSubmit={submit} noValidate>
      {farewell && !trouble.value && !empty.value && (
        <Message
          tone={farewell === "logout" ? "good" : "note"}
          title={t().farewell[farewell] ?? t().farewell.login_ended}
          loud
        />
      )}
      <label class="field">
        <span>{l.login}</span>
        <input
          ref={first}
          name="login"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          value={login.value}
          onInput={e => {
            login.value = e.currentTarget.value;
          }}
        />
      </label>
      <PasswordField
        label={l.password}
        name="password"
        autocomplete="current-password"
        value={password}
        inputRef={second}
      />
      <label class="check">
        <input
          type="checkbox"
          name="remember"
          checked={remember.value}
          onChange={e => {
            remember.value = e.currentTarget.checked;
          }}
        />
        <span>
          {l.remember} <small>{l.rememberHint}</small>
        </span>
      </label>
      {empty.value && <Message tone="bad" loud title={l.empty} />}
      {trouble.value && !empty.value && <LoginTrouble refusal={trouble.value.refusal} wait={wait} />}
      <button
        type="submit"
        class="button button-primary button-wide"
        disabled={busy.value || blocks(trouble.value, wait)}
      >
        {busy.value ? l.submitting : l.submit}
      </button>
    </form>
  );
}

/** A busy server is worth waiting for; a block concerns one login only, and another may be typed. */
function blocks(trouble: Trouble | null, wait: number): boolean {
  return trouble !== null && wait > 0 && trouble.refusal.reason === "busy";
}

function LoginTrouble({ refusal, wait }: { refusal: Refusal; wait: number }) {
  const l = t().login;
  switch (refusal.reason) {
    case "wrong_password":
      return (
        <Message tone="bad" loud title={l.wrong}>
          <p>{l.wrongNext}</p>
          {refusal.attemptsLeft !== undefined && refusal.attemptsLeft < 4 && (
            <p>{l.left(refusal.attemptsLeft)}</p>
          )}
        </Message>
      );
    case "password_blocked":
      return (
        <Message tone="bad" loud title={l.blocked(shortFace(wait))}>
          <p>{l.blockedNext}</p>
        </Message>
      );
    case "no_connection":
      return <Message tone="bad" loud title={l.offline} />;
    default:
      if (wait > 0) return <Message tone="warn" loud title={l.busy(shortFace(wait))} />;
      return <Refused said={refusalText(refusal)} />;
  }
}
