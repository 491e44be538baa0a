// The mark of the house: a watch of five hours.

export function Mark({ big = false }: { big?: boolean }) {
  return (
    <svg class={big ? "mark mark-big" : "mark"} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <circle class="mark-track" cx="16" cy="16" r="12" />
      <path class="mark-arc" d="M16 4a12 12 0 1 1-11.410 8.290" />
      <path class="mark-hand" d="M16 9.500v7l4.200 2.600" />
    </svg>
  );
}
