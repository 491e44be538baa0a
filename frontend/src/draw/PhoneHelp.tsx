// Under the field of a new phone: what is missing from the number, and which one was probably meant.

import { t } from "../ui";
import { spaced, type Typed } from "../view/phonenumber";
import { Message } from "./Message";

interface Props {
  /** Of the field that this describes. */
  id: string;
  typed: Typed;
  /** It was to be sent like that. */
  bad: boolean;
  onTake: (number: string) => void;
}

export function PhoneHelp({ id, ...help }: Props) {
  return (
    <div id={id} class="phone-help" aria-live="polite">
      <Help {...help} />
    </div>
  );
}

function Help({ typed, bad, onTake }: Omit<Props, "id">) {
  const p = t().phones;
  if (typed.is === "whole") return <p class="muted figures">{spaced(typed.number)}</p>;
  const meant = typed.is === "needsCountry" ? typed.meant : null;
  if (!bad && meant === null) return <p class="muted">{p.example}</p>;
  return (
    <Message tone={bad ? "bad" : "note"} title={p[typed.is]}>
      {meant !== null && (
        <p class="meant">
          {p.meant(spaced(meant))}{" "}
          <button type="button" class="button button-small" onClick={() => onTake(meant)}>
            {p.take(meant)}
          </button>
        </p>
      )}
    </Message>
  );
}
