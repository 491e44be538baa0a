// Login, password and a code of the authenticator. Which of them was wrong, nobody is told.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Message } from "../../draw/Message";
import { PasswordField } from "../../draw/PasswordField";
import { Refused } from "../../draw/Refused";
import { shortFace, timeLeft } from "../../view/countdown";
import { instant } from "../../view/figures";
import { desk, now, view } from "../app";
import type { Refusal } from "../rows";
import { refusalText } from "../sentences";
import { w } from "../words";
import type { DemoOperator } from "../world";
import { CodeField } from "./CodeField";
import { DemoOperators } from "./DemoOperators";

const DIGITS = 6;

interface Trouble {
  refusal: Refusal;
  /** On this machine's clock: when it may be tried again. */
  until: number;
}

export function LoginForm() {
  const l = w().login;
  const { farewell, operator } = view.value;
  const login = useSignal(operator?.login ?? "");
  const password = useSignal("");
  const code = useSignal("");
  const busy = useSignal(false);
  const empty = useSignal(false);
  const trouble = useSignal<Trouble | null>(null);
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  const third = useRef<HTMLInputElement>(null);
  useEffect(() => (operator ? second : first).current?.focus(), [operator]);

  void now.value;
  const wait = trouble.value ? timeLeft(trouble.value.until, Date.now()) : 0;

  const firstEmpty = () => {
    if (login.value.trim() === "") return first;
    if (password.value === "") return second;
    return code.value.length === DIGITS ? null : third;
  };
  const submit = async (e: Event) => {
    e.preventDefault();
    if (busy.value) return;
    const field = firstEmpty();
    empty.value = field !== null;
    trouble.value = null;
    field?.current?.focus();
    if (field) return;
    busy.value = true;
    const refusal = await desk.login(login.value.trim(), password.value, code.value);
    busy.value = false;
    password.value = "";
    code.value = "";
    if (!refusal) return;
    const until = refusal.retryAfter ? Date.now() + refusal.retryAfter * 1000 : (instant(refusal.until) ?? 0);
    trouble.value = { refusal, until };
    second.current?.focus();
  };

  const take = (demo: DemoOperator) => {
    login.value = demo.login;
    password.value = demo.password;
    code.value = demo.code;
    third.current?.focus();
  };

  return (
    <form class="form" onSubmit={submit} noValidate>
      {farewell && !trouble.value && !empty.value && (
        <Message tone={farewell === "logout" ? "good" : "note"} title={l.farewell[farewell]} loud />
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
      <CodeField label={l.code} hint={l.codeHint} digits={DIGITS} value={code} inputRef={third} />
      {empty.value && <Message tone="bad" loud title={l.empty} />}
      {trouble.value && <LoginTrouble refusal={trouble.value.refusal} wait={wait} />}
      <button type="submit" class="button button-primary button-wide" disabled={busy.value}>
        {busy.value ? l.submitting : l.submit}
      </button>
      <DemoOperators onTake={take} />
    </form>
  );
}

function LoginTrouble({ refusal, wait }: { refusal: Refusal; wait: number }) {
  const l = w().login;
  switch (refusal.reason) {
    case "desk_login_failed":
      return (
        <Message tone="bad" loud title={l.failed}>
          {refusal.attemptsLeft === 0 ? <p>{l.blocked(shortFace(wait))}</p> : <p>{l.failedNext}</p>}
          {refusal.attemptsLeft !== undefined && refusal.attemptsLeft > 0 && (
            <p>{l.left(refusal.attemptsLeft)}</p>
          )}
        </Message>
      );
    case "desk_blocked":
      return (
        <Message tone="bad" loud title={wait > 0 ? l.blocked(shortFace(wait)) : l.blockedSoon}>
          <p>{l.blockedNext}</p>
        </Message>
      );
    default:
      if (wait > 0) return <Message tone="warn" loud title={l.busy(shortFace(wait))} />;
      return <Refused said={refusalText(refusal)} />;
  }
}
