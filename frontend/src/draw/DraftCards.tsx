// Orders that wait: the client's own for his signature, an operator's for a second operator. The client may stop either.

import { now, view } from "../app";
import { cancelDocument, signsByToken } from "../cabinet";
import { type Section, t, visit } from "../ui";
import { byOperator, type Doc, waiting } from "../view/documents";
import { ActButton } from "./ActButton";
import { documentText } from "./documentwords";
import { timeText } from "./format";
import { Icon } from "./Icon";

/** Beside the market. */
export function DraftBoard() {
  if (shown().length === 0) return null;
  return (
    <section aria-label={t().drafts.region}>
      <DraftCards />
    </section>
  );
}

export function DraftCards() {
  const drafts = shown();
  if (drafts.length === 0) return null;
  return (
    <ul class="drafts">
      {drafts.map(doc => (
        <li key={doc.id}>{byOperator(doc) ? <Proposal doc={doc} /> : <OwnDraft doc={doc} />}</li>
      ))}
    </ul>
  );
}

/** Another login of the client signs its own. */
function shown(): Doc[] {
  const { documents, user } = view.value;
  return waiting(documents, now.value).filter(d => byOperator(d) || d.login === user?.loginId);
}

function sectionOf({ content }: Doc): Section {
  if (content.is === "phones") return "phones";
  return content.is === "connect" ? "token" : "means";
}

function OwnDraft({ doc }: { doc: Doc }) {
  const d = t().drafts;
  const section = sectionOf(doc);
  return (
    <div class="draft">
      <Icon name="signature" />
      <div class="draft-what">
        <p class="draft-title">{d.own}</p>
        <p>
          {documentText(doc)}
          {doc.expiresAt !== null && (
            <span class="muted">, {d.until(timeText(doc.expiresAt, now.value))}</span>
          )}
        </p>
      </div>
      <button
        type="button"
        class="button button-primary"
        onClick={() => visit(section, { is: "sign", id: doc.id })}
      >
        {signsByToken() && doc.content.is !== "connect" ? d.open : d.enter}
      </button>
    </div>
  );
}

function Proposal({ doc }: { doc: Doc }) {
  const d = t().drafts;
  return (
    <div class="draft draft-warn">
      <Icon name="alert" />
      <div class="draft-what">
        <p class="draft-title">{d.proposes(doc.operator)}</p>
        <p>
          <strong>{documentText(doc)}</strong>
        </p>
        <p>{d.reason(doc.reason)}</p>
        <p class="muted">
          {doc.expiresAt !== null && d.waits(timeText(doc.expiresAt, now.value))} {d.notYou}
        </p>
      </div>
      <div class="draft-act">
        <ActButton
          look="button-danger"
          name={d.decline}
          busyName={d.declining}
          act={() => cancelDocument(doc.id)}
        />
      </div>
    </div>
  );
}
