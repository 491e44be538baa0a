// The client's cabinet: his data and what secures him. One section at a time, a list of them beside it.

import { useEffect, useRef } from "preact/hooks";
import { view } from "../../app";
import { cabinet, dialog, type Place, t, visit } from "../../ui";
import { clientCode } from "../../view/view";
import { Dialog } from "../Dialog";
import { Icon } from "../Icon";
import { Toasts } from "../Toasts";
import { ConnectSection } from "./ConnectSection";
import { DocumentsSection } from "./DocumentsSection";
import { EventsSection } from "./EventsSection";
import { MeansSection } from "./MeansSection";
import { PasswordForm } from "./PasswordForm";
import { PhonesSection } from "./PhonesSection";
import { SessionsSection } from "./SessionsSection";
import { groups } from "./sections";

export function Cabinet({ place }: { place: Place }) {
  const content = useRef<HTMLDivElement>(null);
  // What was pressed is gone with its step: the focus goes to what came instead, unless a field has taken it already.
  useEffect(() => {
    const dialog = content.current?.closest("dialog");
    const lost = document.activeElement === document.body || document.activeElement === dialog;
    if (lost) content.current?.querySelector<HTMLElement>("[data-first]")?.focus();
    dialog?.querySelector(".dialog-body")?.scrollTo(0, 0);
  }, [place]);
  return (
    <Dialog
      kind="cabinet"
      title={t().cabinet.sections[place.section]}
      aside={<Nav section={place.section} />}
      onClose={() => {
        cabinet.value = null;
      }}
    >
      <div ref={content} class="cabinet-content">
        <SectionOf place={place} />
      </div>
      {dialog.value === null && <Toasts />}
    </Dialog>
  );
}

function SectionOf({ place: { section, step } }: { place: Place }) {
  switch (section) {
    case "phones":
      return <PhonesSection step={step} />;
    case "means":
      return <MeansSection step={step} />;
    case "token":
      return <ConnectSection step={step} />;
    case "sessions":
      return <SessionsSection />;
    case "documents":
      return <DocumentsSection />;
    case "events":
      return <EventsSection />;
    case "password":
      return <PasswordForm />;
  }
}

function Nav({ section }: { section: Place["section"] }) {
  const { user } = view.value;
  const c = t().cabinet;
  return (
    <nav class="cabinet-nav" aria-label={c.nav}>
      <p class="cabinet-client">
        <strong>{user?.name || user?.login}</strong>
        <span>{user && t().header.client(clientCode(user))}</span>
      </p>
      {groups().map(group => (
        <div key={group.title} class="cabinet-group">
          <p>{group.title}</p>
          <ul>
            {group.sections.map(x => (
              <li key={x.section}>
                <button
                  type="button"
                  aria-current={x.section === section ? "page" : undefined}
                  onClick={() => visit(x.section)}
                >
                  <Icon name={x.icon} />
                  {c.sections[x.section]}
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
