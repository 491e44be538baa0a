// Which screen is on.

import { view } from "../app";
import { t } from "../ui";
import { Halt } from "./Halt";
import { LinkBar } from "./LinkBar";
import { Login } from "./Login";
import { Mark } from "./Mark";
import { Terminal } from "./Terminal";

export function App() {
  switch (view.value.stage) {
    case "starting":
      return (
        <main class="splash" aria-busy="true">
          <Mark big />
          <p>{t().loading}</p>
          <LinkBar />
        </main>
      );
    case "signedOut":
      return <Login />;
    case "terminal":
      return <Terminal />;
    case "foreign":
    case "fault":
      return <Halt />;
  }
}
