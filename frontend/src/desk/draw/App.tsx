// Which screen is on.

import { Mark } from "../../draw/Mark";
import { view } from "../app";
import { w } from "../words";
import { ActDialog } from "./ActDialog";
import { ClientPane } from "./ClientPane";
import { DecideDialog } from "./DecideDialog";
import { Header } from "./Header";
import { Login } from "./Login";
import { Queue } from "./Queue";
import { Search } from "./Search";

export function App() {
  switch (view.value.stage) {
    case "starting":
      return (
        <main class="splash" aria-busy="true">
          <Mark big />
          <p>{view.value.lost ? w().header.lost : w().loading}</p>
        </main>
      );
    case "signedOut":
      return <Login />;
    case "desk":
      return <Desk />;
  }
}

function Desk() {
  const { dialog, client } = view.value;
  return (
    <div class="desk">
      <a class="skip" href="#client">
        {w().skip}
      </a>
      <Header />
      <div class="desk-columns">
        <div class="desk-side">
          <Search />
          <Queue />
        </div>
        <main id="client" class="desk-main" tabIndex={-1}>
          <ClientPane key={client?.code ?? ""} />
        </main>
      </div>
      {dialog?.is === "act" && <ActDialog act={dialog.act} />}
      {(dialog?.is === "confirm" || dialog?.is === "decline") && (
        <DecideDialog row={dialog.row} confirms={dialog.is === "confirm"} />
      )}
    </div>
  );
}
