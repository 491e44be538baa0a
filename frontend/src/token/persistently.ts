// A question whose answer was lost, or that came at a bad moment, is asked again, word for word: the server answers the same and
// counts it once. A PIN that was counted would otherwise be spent for nothing.

import type { Answer } from "../link/requests";

/** The server has done nothing, or nobody knows whether it has. */
const LATER: readonly string[] = ["too_early", "busy", "draining", "unavailable", "timeout"];

/** About as long as the server waits for the next step; after that it refuses by itself. */
const PAUSES = [300, 1_000, 2_000, 4_000, 8_000];

export async function persistently<R>(
  world: { pause(ms: number): Promise<void> },
  ask: () => Promise<Answer<R>>,
): Promise<Answer<R>> {
  for (const ms of PAUSES) {
    const answer = await ask();
    if (answer.ok || !(answer.lost || LATER.includes(answer.refusal.reason))) return answer;
    await world.pause(ms);
  }
  return ask();
}
