// Lists that come in pages, the newest first.

import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { view } from "../../app";
import { t } from "../../ui";
import type { Refusal } from "../../wire";
import { Refused } from "../Refused";
import { refusalText } from "../sentences";

type State = { is: "idle" } | { is: "loading" } | { is: "refused"; refusal: Refusal };
type Load = (before: number | null) => Promise<Refusal | null>;

export interface Pages {
  state: Signal<State>;
  load: (before: number | null) => Promise<void>;
}

/** Reads the newest page at once, and again after a broken connection. */
export function usePages(load: Load): Pages {
  const state = useSignal<State>({ is: "loading" });
  const up = view.value.link.is === "up";
  const page = async (before: number | null) => {
    state.value = { is: "loading" };
    const refusal = await load(before);
    state.value = refusal ? { is: "refused", refusal } : { is: "idle" };
  };
  useEffect(() => {
    if (up) void page(null);
  }, [up]);
  return { state, load: page };
}

/** last: the id of the last line on show; null: none. */
export function PagesFoot({ pages, more, last }: { pages: Pages; more: boolean; last: number | null }) {
  const c = t().cabinet;
  const state = pages.state.value;
  if (state.is === "refused") {
    return (
      <>
        <Refused said={refusalText(state.refusal)} />
        <p class="step-buttons">
          <button type="button" class="button" onClick={() => void pages.load(last)}>
            {c.retry}
          </button>
        </p>
      </>
    );
  }
  if (last === null) return state.is === "loading" ? <p class="muted">{t().loading}</p> : null;
  if (!more) return null;
  return (
    <p class="step-buttons">
      <button
        type="button"
        class="button"
        disabled={state.is === "loading"}
        onClick={() => void pages.load(last)}
      >
        {state.is === "loading" ? c.loadingMore : c.more}
      </button>
    </p>
  );
}
