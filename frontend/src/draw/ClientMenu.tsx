// The client's name, his menu, and the way out.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { connection, tell, view } from "../app";
import { dialog, t, visit } from "../ui";
import { clientCode } from "../view/view";
import { groups } from "./cabinet/sections";
import { Icon } from "./Icon";
import { ThemeSwitch } from "./Switches";

export function ClientMenu() {
  const h = t().header;
  const { user } = view.value;
  const open = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    const away = (e: Event) => {
      if (!box.current?.contains(e.target as Node)) open.value = false;
    };
    const byKey = (e: KeyboardEvent) => {
      if (e.key !== "Escape" || !open.value) return;
      open.value = false;
      button.current?.focus();
    };
    document.addEventListener("keydown", byKey);
    document.addEventListener("pointerdown", away);
    document.addEventListener("focusin", away);
    return () => {
      document.removeEventListener("keydown", byKey);
      document.removeEventListener("pointerdown", away);
      document.removeEventListener("focusin", away);
    };
  }, [open]);

  const logout = async () => {
    const refusal = await connection.logout();
    if (refusal) tell({ is: "refused", doing: "logout", refusal, at: connection.clock.now() });
  };
  /** What opens gives the focus back to where it was. */
  const choose = (show: () => void) => {
    open.value = false;
    button.current?.focus();
    show();
  };

  return (
    <>
      <div class="menu" ref={box}>
        <button
          ref={button}
          type="button"
          class="quiet-button menu-button"
          aria-expanded={open.value}
          aria-controls="client-menu"
          onClick={() => {
            open.value = !open.value;
          }}
        >
          <Icon name="user" />
          <span class="menu-name">{user?.name || user?.login}</span>
          <Icon name="down" />
          <span class="visually-hidden">{h.menu}</span>
        </button>
        <div id="client-menu" class="menu-list" hidden={!open.value}>
          <p class="menu-client">
            <strong>{user?.name || user?.login}</strong>
            <span>{user && h.client(clientCode(user))}</span>
          </p>
          <MenuGroups choose={choose} />
          <button
            type="button"
            onClick={() =>
              choose(() => {
                dialog.value = "about";
              })
            }
          >
            <Icon name="info" />
            {h.about}
          </button>
          <div class="menu-theme">
            <span aria-hidden="true">{h.theme}</span>
            <ThemeSwitch />
          </div>
        </div>
      </div>
      <button type="button" class="quiet-button exit-button" onClick={() => void logout()}>
        <Icon name="exit" />
        <span class="exit-text">{h.logout}</span>
      </button>
    </>
  );
}

function MenuGroups({ choose }: { choose: (show: () => void) => void }) {
  return (
    <>
      {groups().map(group => (
        <fieldset key={group.title} class="menu-group">
          <legend>{group.title}</legend>
          {group.sections.map(({ section, icon }) => (
            <button key={section} type="button" onClick={() => choose(() => visit(section))}>
              <Icon name={icon} />
              {t().cabinet.sections[section]}
            </button>
          ))}
        </fieldset>
      ))}
    </>
  );
}
