// The top of the desk: who works here.

import { Icon } from "../../draw/Icon";
import { Mark } from "../../draw/Mark";
import { LanguageSwitch, ThemeSwitch } from "../../draw/Switches";
import { desk, view } from "../app";
import { w } from "../words";

export function Header() {
  const { operator, lost } = view.value;
  const h = w().header;
  return (
    <header class="header">
      <p class="brand">
        <Mark /> <span class="brand-name">{w().product}</span>
      </p>
      <span class="badge">{w().title}</span>
      <span role="status">{lost && <span class="link-dot link-lost">{h.lost}</span>}</span>
      <div class="header-tools desk-tools">
        <span class="desk-operator" title={h.operator(operator?.name ?? "")}>
          <Icon name="user" />
          <span>{operator?.name}</span>
        </span>
        <LanguageSwitch />
        <ThemeSwitch />
        <button type="button" class="quiet-button" onClick={() => void desk.logout()}>
          <Icon name="exit" />
          <span class="exit-text">{h.logout}</span>
        </button>
      </div>
    </header>
  );
}
