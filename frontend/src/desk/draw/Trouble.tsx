// A refusal where it happened, with the way to try again if there is one.

import { Message } from "../../draw/Message";
import type { Refusal } from "../rows";
import { refusalText } from "../sentences";
import { w } from "../words";

export function Trouble({ refusal, onRetry }: { refusal: Refusal; onRetry?: () => void }) {
  const { what, next } = refusalText(refusal);
  return (
    <Message tone="bad" loud title={what}>
      {next && <p>{next}</p>}
      {onRetry && (
        <p>
          <button type="button" class="link-button" onClick={onRetry}>
            {w().client.retry}
          </button>
        </p>
      )}
    </Message>
  );
}
