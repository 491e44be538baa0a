// A refusal where it happened, with the way to try again if there is one.

import { Refused } from "../../draw/Refused";
import type { Refusal } from "../rows";
import { refusalText } from "../sentences";
import { w } from "../words";

export function Trouble({ refusal, onRetry }: { refusal: Refusal; onRetry?: () => void }) {
  return (
    <Refused said={refusalText(refusal)}>
      {onRetry && (
        <p>
          <button type="button" class="link-button" onClick={onRetry}>
            {w().client.retry}
          </button>
        </p>
      )}
    </Refused>
  );
}
