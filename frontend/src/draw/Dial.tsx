// The dial of the watch: the share of the five hours that is left.

import type { Urgency } from "../view/countdown";

const R = 8;
const ROUND = 2 * Math.PI * R;

export function Dial({ share, urgency }: { share: number; urgency: Urgency | "none" }) {
  const left = Math.min(1, Math.max(0, share)) * ROUND;
  return (
    <svg class={`dial dial-${urgency}`} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <circle class="dial-track" cx="10" cy="10" r={R} />
      <circle
        class="dial-left"
        cx="10"
        cy="10"
        r={R}
        stroke-dasharray={`${left.toFixed(2)} ${ROUND.toFixed(2)}`}
        transform="rotate(-90 10 10)"
      />
    </svg>
  );
}
