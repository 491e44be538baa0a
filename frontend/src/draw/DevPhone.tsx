// That SMS cost nothing; in a demonstration, where they can be read.

import { view } from "../app";
import { t } from "../ui";

export function DevPhone() {
  const p = t().panel;
  return (
    <p class="means-foot muted">
      {p.free}{" "}
      {view.value.user?.devPhone && (
        <a href="/dev/phone" target="_blank" rel="noreferrer">
          {p.devPhone}
        </a>
      )}
    </p>
  );
}
