// Find a client: the field keeps the focus, arrows choose among the lines, Enter opens one.

import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../../draw/Icon";
import { desk, tell, view } from "../app";
import type { FoundClient } from "../rows";
import { step } from "../view";
import { w } from "../words";
import { Trouble } from "./Trouble";

export const SEARCH_FIELD = "search-field";
const optionId = (code: string) => `found-${code}`;

export function Search() {
  const s = w().search;
  const { search, client } = view.value;
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!view.peek().client) field.current?.focus();
  }, []);

  const chosen = search.found[search.at];
  const byKey = (e: KeyboardEvent) => {
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      tell({ is: "moved", to: step(search, e.key === "ArrowDown" ? 1 : -1) });
    } else if (e.key === "Enter") {
      e.preventDefault();
      if (chosen && search.by === search.query.trim()) void desk.open(chosen.code);
      else void desk.find();
    } else if (e.key === "Escape") desk.typed("");
  };

  return (
    <section class="card desk-search" aria-labelledby="search-title">
      <h2 id="search-title" class="card-title">
        {s.title}
      </h2>
      <div class="field desk-search-field">
        <label for={SEARCH_FIELD}>{s.label}</label>
        <span class="password">
          <input
            id={SEARCH_FIELD}
            ref={field}
            role="combobox"
            aria-expanded={search.found.length > 0}
            aria-controls="search-found"
            aria-autocomplete="list"
            aria-activedescendant={chosen && optionId(chosen.code)}
            aria-describedby="search-hint"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            value={search.query}
            onInput={e => desk.typed(e.currentTarget.value)}
            onKeyDown={byKey}
          />
          {search.query === "" ? (
            <kbd class="desk-key">{s.key}</kbd>
          ) : (
            <button
              type="button"
              class="icon-button"
              aria-label={s.clear}
              onClick={() => {
                desk.typed("");
                field.current?.focus();
              }}
            >
              <Icon name="close" />
            </button>
          )}
        </span>
        <small id="search-hint">{s.hint}</small>
      </div>
      <p class="desk-found-line muted" role="status">
        {said(search)}
      </p>
      {search.refusal && <Trouble refusal={search.refusal} onRetry={() => void desk.find()} />}
      <div id="search-found" role="listbox" class="desk-found" aria-label={s.results}>
        {search.found.map((found, i) => (
          <Found key={found.code} found={found} chosen={i === search.at} open={found.code === client?.code} />
        ))}
      </div>
    </section>
  );
}

function said(search: typeof view.value.search): string {
  const s = w().search;
  if (search.looking) return s.looking;
  if (search.by === null) return "";
  if (search.found.length === 0) return s.none;
  return search.more ? `${s.count(search.found.length)}. ${s.more}` : s.count(search.found.length);
}

function Found({ found, chosen, open }: { found: FoundClient; chosen: boolean; open: boolean }) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (chosen) line.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys; this is one of its options
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which names the option
    <div
      ref={line}
      id={optionId(found.code)}
      role="option"
      class={`desk-line ${open ? "open" : ""}`}
      aria-selected={chosen}
      onClick={() => void desk.open(found.code)}
    >
      <strong>{found.name}</strong>
      <span class="muted">
        <span class="figures">{found.code}</span> · {found.login} ·{" "}
        {found.phone ? <span class="figures">{found.phone}</span> : w().search.noPhone}
      </span>
    </div>
  );
}
