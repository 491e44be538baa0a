// The top of the terminal: whose it is, how long the session lasts, what is new.

import { view } from "../app";
import { dialog, t } from "../ui";
import { ClientMenu } from "./ClientMenu";
import { Icon } from "./Icon";
import { Mark } from "./Mark";
import { SessionClock } from "./SessionClock";
import { LanguageSwitch } from "./Switches";

export function Header() {
  const h = t().header;
  const { unread } = view.value.journal;
  return (
    <header class="header">
      <p class="brand">
        <Mark /> <span class="brand-name">{t().product}</span>
      </p>
      <span class="badge" title={t().simulatedLong}>
        {t().simulated}
      </span>
      <LinkDot />
      <div class="header-session">
        <SessionClock />
      </div>
      <div class="header-tools">
        <LanguageSwitch />
        <button
          type="button"
          class="icon-button journal-button"
          onClick={() => {
            dialog.value = "journal";
          }}
          aria-label={unread > 0 ? `${h.journal}, ${h.unread(unread)}` : h.journal}
          title={h.journal}
        >
          <Icon name="bell" />
          {unread > 0 && <span class="count">{unread > 99 ? "99+" : unread}</span>}
        </button>
        <ClientMenu />
      </div>
    </header>
  );
}

function LinkDot() {
  const { link } = view.value;
  const words = t().link;
  const text = { connecting: words.connecting, resuming: words.resuming, up: words.up, lost: words.lost }[
    link.is
  ];
  return (
    <span class={`link-dot link-${link.is}`} title={text}>
      <span class="link-text">{text}</span>
    </span>
  );
}
