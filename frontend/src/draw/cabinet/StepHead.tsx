// The head of a step: where it leads back to, and what it does.

import type { Section } from "../../ui";
import { t, visit } from "../../ui";
import { Icon } from "../Icon";

export function StepHead({ section, title }: { section: Section; title: string }) {
  return (
    <div class="step-head">
      <button
        type="button"
        class="icon-button"
        aria-label={t().cabinet.back}
        title={t().cabinet.back}
        onClick={() => visit(section)}
      >
        <Icon name="back" />
      </button>
      <h3 tabIndex={-1} data-first>
        {title}
      </h3>
    </div>
  );
}
