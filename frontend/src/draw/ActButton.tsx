// A button that does one thing at the server, and says it where it was refused.

import { useSignal } from "@preact/signals";
import { view } from "../app";
import { isStale } from "../view/view";
import type { Refusal } from "../wire";
import { Refused } from "./Refused";
import { refusalText } from "./sentences";

interface Props {
  /** Its look beside "button". */
  look: string;
  name: string;
  busyName: string;
  /** The refusal, if it was not done. */
  act: () => Promise<Refusal | null>;
  /** Of a try before this button was there. */
  refused?: Refusal | null;
}

export function ActButton({ look, name, busyName, act, refused = null }: Props) {
  const busy = useSignal(false);
  const refusal = useSignal(refused);
  const go = async () => {
    busy.value = true;
    refusal.value = null;
    refusal.value = await act();
    busy.value = false;
  };
  return (
    <>
      {refusal.value && <Refused said={refusalText(refusal.value)} />}
      <button
        type="button"
        class={`button ${look}`}
        disabled={busy.value || isStale(view.value)}
        onClick={() => void go()}
      >
        {busy.value ? busyName : name}
      </button>
    </>
  );
}
