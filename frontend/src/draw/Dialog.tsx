// A native modal dialog: the browser keeps the focus inside; it goes back to where it was.

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../ui";
import { Icon } from "./Icon";

interface Props {
  title: string;
  /** «drawer» slides in from the right, «cabinet» is as large as the screen allows. */
  kind?: "panel" | "drawer" | "cabinet";
  onClose: () => void;
  /** Beside the title and what is below it. */
  aside?: ComponentChildren;
  children: ComponentChildren;
}

export function Dialog({ title, kind = "panel", onClose, aside, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Before the effects of what is inside: only in an open dialog can something take the focus.
  useLayoutEffect(() => {
    const before = document.activeElement;
    const dialog = ref.current;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={`dialog dialog-${kind}`}
      aria-labelledby={id}
      onCancel={e => {
        e.preventDefault();
        onClose();
      }}
      onMouseDown={e => {
        if (e.target === ref.current) onClose();
      }}
    >
      {aside}
      <div class="dialog-body">
        <div class="dialog-head">
          <h2 id={id} tabIndex={-1}>
            {title}
          </h2>
          <button type="button" class="icon-button" onClick={onClose} aria-label={t().close}>
            <Icon name="close" />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
