// The client on the line: who he is, how he stands, what can be done for him.

import { useEffect, useRef } from "preact/hooks";
import { timeText } from "../../draw/format";
import { Icon } from "../../draw/Icon";
import { Mark } from "../../draw/Mark";
import { shortFace } from "../../view/countdown";
import { instant } from "../../view/figures";
import { desk, now, tell, view } from "../app";
import { type Card, kindOf } from "../rows";
import { checkedFor } from "../view";
import { w } from "../words";
import { Check } from "./Check";
import { Documents } from "./Documents";
import { Drafts } from "./Drafts";
import { History } from "./History";
import { Logins } from "./Logins";
import { Means } from "./Means";
import { OutcomeLine } from "./OutcomeLine";
import { Phones } from "./Phones";
import { Trouble } from "./Trouble";

export function ClientPane() {
  const { client } = view.value;
  if (!client) return <Nobody />;
  const { card, refusal } = client;
  return (
    <>
      <OutcomeLine />
      {refusal && <Trouble refusal={refusal} onRetry={() => void desk.refresh()} />}
      {!card && !refusal && <p class="desk-nobody muted">{w().loading}</p>}
      {card && <Shown card={card} />}
    </>
  );
}

function Nobody() {
  const c = w().client;
  return (
    <>
      <OutcomeLine />
      <div class="desk-nobody">
        <Mark big />
        <h1>{c.empty}</h1>
        <p class="muted">{c.emptyHint}</p>
        <p class="muted">{c.emptyKey}</p>
      </div>
    </>
  );
}

function Shown({ card }: { card: Card }) {
  const title = useRef<HTMLHeadingElement>(null);
  // Whoever opened the card goes on in it: at the check if it is needed, else at its top.
  useEffect(() => {
    const field = document.querySelector<HTMLElement>(".desk-check input");
    (field ?? title.current)?.focus();
  }, []);
  return (
    <article class="desk-client">
      <header class="card desk-profile">
        <div class="desk-profile-line">
          <h1 ref={title} tabIndex={-1}>
            {card.name}
          </h1>
          <Checked card={card} />
          <span class="desk-profile-tools">
            <button type="button" class="button button-small" onClick={() => void desk.refresh()}>
              {w().client.refresh}
            </button>
            <button
              type="button"
              class="icon-button"
              aria-label={w().client.leave}
              title={w().client.leave}
              onClick={() => tell({ is: "leftClient" })}
            >
              <Icon name="close" />
            </button>
          </span>
        </div>
        <Profile card={card} />
      </header>
      <Check card={card} />
      <Drafts card={card} />
      <div class="desk-grid">
        <div>
          <Phones card={card} />
          <Means card={card} />
        </div>
        <div>
          <Logins card={card} />
          <Documents card={card} />
        </div>
      </div>
      <History card={card} />
    </article>
  );
}

function Profile({ card }: { card: Card }) {
  const c = w().client;
  return (
    <p class="desk-profile-facts">
      <span>
        <span class="muted">{c.code}</span> <span class="figures">{card.code}</span>
      </span>
      <span>{w().kinds[kindOf(card)]}</span>
      <span>
        <span class="muted">{c.login}</span> {card.login}
      </span>
      <span>
        <span class="muted">{c.email}</span> {card.email || c.noEmail}
      </span>
      <span>
        <span class="muted">{c.language}</span> {w().languages[card.language] ?? card.language}
      </span>
    </p>
  );
}

function Checked({ card }: { card: Card }) {
  const left = checkedFor(card, now.value);
  const until = instant(card.verifiedUntil);
  const c = w().client;
  return left > 0 && until !== null ? (
    <span class="badge badge-good" data-testid="checked">
      {c.checked(timeText(until, now.value), shortFace(left))}
    </span>
  ) : (
    <span class="badge badge-warn" data-testid="checked">
      {c.notChecked}
    </span>
  );
}
