// The worker that keeps S. It reads the disk and holds the locks itself; only for the network it needs the page.

import type { FromWorker, Port, ToWorker } from "./relay";
import { serve } from "./serve";
import { openStore } from "./store";

serve(self as unknown as Port<FromWorker, ToWorker>, {
  subtle: crypto.subtle,
  random: n => crypto.getRandomValues(new Uint8Array(n)),
  store: openStore(indexedDB),
  lock: async (name, work) => await navigator.locks.request(name, work),
  pause: ms => new Promise(resolve => setTimeout(resolve, ms)),
});
