// Every open security session, and the red button that ends them all.

import { t } from "../../ui";
import { Sessions } from "../SessionList";

export function SessionsSection() {
  return (
    <div class="sessions-whole">
      <p class="lead">{t().sessions.lead}</p>
      <Sessions whole />
    </div>
  );
}
