// A choice of few: native radio buttons, so that keyboard and screen reader know them.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Props<T extends string> {
  legend: string;
  value: T;
  options: { value: T; label: ComponentChildren; tone?: string; name?: string }[];
  onChange: (value: T) => void;
  class?: string;
}

export function Segmented<T extends string>({
  legend,
  value,
  options,
  onChange,
  class: extra = "",
}: Props<T>) {
  const name = useId();
  return (
    <fieldset class={`segmented ${extra}`}>
      <legend class="visually-hidden">{legend}</legend>
      {options.map(o => (
        <label key={o.value} class={`segment ${o.tone ?? ""}`} title={o.name}>
          <input
            type="radio"
            name={name}
            checked={o.value === value}
            onChange={() => onChange(o.value)}
            aria-label={o.name}
          />
          <span>{o.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
