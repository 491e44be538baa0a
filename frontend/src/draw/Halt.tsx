// A tab that has stopped, with the reason and the one thing to do.

import { view } from "../app";
import { t } from "../ui";
import { Mark } from "./Mark";

export function Halt() {
  const { foreign } = view.value;
  const f = t().foreign;
  return (
    <main class="splash">
      <Mark big />
      <div class="halt" role="alert">
        <h1>{foreign ? f.title : t().fault.title}</h1>
        {foreign ? (
          <>
            {foreign.shown && <p>{f.shown(foreign.shown)}</p>}
            {foreign.now && <p>{f.now(foreign.now)}</p>}
            <p>{f.why}</p>
          </>
        ) : (
          <p>{t().fault.text}</p>
        )}
      </div>
      <button type="button" class="button button-primary" onClick={() => location.reload()}>
        {foreign ? f.reload : t().fault.reload}
      </button>
    </main>
  );
}
