// The terminal's layout: market on the left, chart and orders in the middle, the ticket on the right. On a phone one of
// three panes at a time.

import { useEffect } from "preact/hooks";
import { cabinet, dialog, pane, t } from "../ui";
import { AboutDialog } from "./AboutDialog";
import { AwayCard } from "./AwayCard";
import { Chart } from "./Chart";
import { Cabinet } from "./cabinet/Cabinet";
import { DraftBoard } from "./DraftCards";
import { Header } from "./Header";
import { JournalDrawer } from "./JournalDrawer";
import { LinkBar } from "./LinkBar";
import { OrdersTable } from "./OrdersTable";
import { PaneBar } from "./PaneBar";
import { Quotes } from "./Quotes";
import { SessionList } from "./SessionList";
import { SessionPanel } from "./SessionPanel";
import { TicketForm } from "./TicketForm";
import { Toasts } from "./Toasts";

export function Terminal() {
  useEffect(
    () => () => {
      dialog.value = null;
      cabinet.value = null;
    },
    [],
  );
  return (
    <div class="terminal" data-pane={pane.value}>
      <a class="skip" href="#content">
        {t().header.skip}
      </a>
      <Header />
      <LinkBar />
      <main id="content" class="board" tabIndex={-1}>
        <h1 class="visually-hidden">{t().product}</h1>
        <AwayCard />
        <DraftBoard />
        <div class="columns">
          <div class="column column-market" data-pane="market">
            <Quotes />
            <SessionList />
            <p class="paper-note">{t().simulatedLong}</p>
          </div>
          <div class="column column-main">
            <Chart />
            <OrdersTable />
          </div>
          <div class="column column-ticket" data-pane="ticket">
            <TicketForm />
          </div>
        </div>
      </main>
      <PaneBar />
      {cabinet.value === null && <Toasts />}
      {cabinet.value && <Cabinet place={cabinet.value} />}
      <Dialogs />
    </div>
  );
}

function Dialogs() {
  switch (dialog.value) {
    case "session":
      return <SessionPanel />;
    case "about":
      return <AboutDialog />;
    case "journal":
      return <JournalDrawer />;
    default:
      return null;
  }
}
