// «Контактные телефоны»: the list, and the step that the client is at.

import { useEffect } from "preact/hooks";
import { now, view } from "../../app";
import { loadPhones } from "../../cabinet";
import { type Step, t, visit } from "../../ui";
import { SMS, VOICE_PASSWORD } from "../../view/numbers";
import type { Phone } from "../../view/phones";
import { DraftCards } from "../DraftCards";
import { dayText, timeText } from "../format";
import { Icon } from "../Icon";
import { Message } from "../Message";
import { PhoneForm } from "./PhoneForm";
import { PhoneMove } from "./PhoneMove";
import { SignStep } from "./SignStep";

export function PhonesSection({ step }: { step: Step | null }) {
  const { phones, link } = view.value;
  const up = link.is === "up";
  useEffect(() => {
    if (up) void loadPhones();
  }, [up, phones.changes]);
  const chosen = step && "phone" in step ? phones.list?.find(p => p.id === step.phone) : undefined;
  switch (step?.is) {
    case "sign":
      return <SignStep section="phones" step={step} />;
    case "add":
      return <PhoneForm old={null} />;
    case "replace":
      return chosen ? <PhoneForm old={chosen} /> : <PhoneList />;
    case "primary":
    case "remove":
      return chosen ? <PhoneMove phone={chosen} action={step.is} /> : <PhoneList />;
    default:
      return <PhoneList />;
  }
}

function PhoneList() {
  const p = t().phones;
  const { list, quarantineUntil } = view.value.phones;
  if (list === null) return <p class="muted">{t().loading}</p>;
  return (
    <>
      <p class="lead" tabIndex={-1} data-first>
        {p.lead}
      </p>
      <DraftCards />
      {list.length === 0 ? (
        <p class="muted">{p.none}</p>
      ) : (
        <ul class="rows">
          {list.map(phone => (
            <PhoneRow key={phone.id} phone={phone} />
          ))}
        </ul>
      )}
      {list.length === 1 && <p class="muted small-print">{p.only}</p>}
      {quarantineUntil !== null && quarantineUntil > now.value && (
        <Message tone="note" title={p.quarantine(timeText(quarantineUntil, now.value))} />
      )}
      <p class="step-buttons">
        <button type="button" class="button button-primary" onClick={() => visit("phones", { is: "add" })}>
          <Icon name="plus" />
          {p.add}
        </button>
      </p>
    </>
  );
}

function PhoneRow({ phone }: { phone: Phone }) {
  const p = t().phones;
  const go = (is: "replace" | "primary" | "remove") => () => visit("phones", { is, phone: phone.id });
  return (
    <li class="row">
      <Icon name="phone" />
      <div class="row-what">
        <p class="row-title">
          <span class="figures">{phone.number}</span>{" "}
          {phone.primary && <span class="badge">{p.primary}</span>}
        </p>
        <p class="muted">{originText(phone)}</p>
        <p class={phone.verified ? "row-good" : "muted"}>
          {phone.verified && <Icon name="check" />}
          {phone.verified ? p.verified : p.unverified}
        </p>
      </div>
      <p class="row-buttons">
        {!phone.primary && (
          <button
            type="button"
            class="button button-small"
            aria-label={p.primaryLong(phone.number)}
            onClick={go("primary")}
          >
            {p.makePrimary}
          </button>
        )}
        <button
          type="button"
          class="button button-small"
          aria-label={p.replaceLong(phone.number)}
          onClick={go("replace")}
        >
          {p.replace}
        </button>
        {!phone.primary && (
          <button
            type="button"
            class="button button-small button-warn"
            aria-label={p.removeLong(phone.number)}
            onClick={go("remove")}
          >
            {p.remove}
          </button>
        )}
      </p>
    </li>
  );
}

function originText(phone: Phone): string {
  const p = t().phones;
  if (phone.since === null) return p.fromQuestionnaire;
  const signed = { [SMS]: p.bySms, [VOICE_PASSWORD]: p.byOperator }[phone.means];
  return [p.since(dayText(phone.since)), signed].filter(Boolean).join(", ");
}
