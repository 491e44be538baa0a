// W-TOKEN: the keypad where this device keeps the token; elsewhere why not, and what to do.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { view } from "../app";
import { dialog, t, visit } from "../ui";
import { isStale } from "../view/view";
import { authority, type Standing, standing } from "../view/webtoken";
import { askSupport, enterPin } from "../webtoken";
import { Keypad } from "./Keypad";
import { Message } from "./Message";
import { PinTrouble } from "./PinTrouble";
import { absenceText } from "./tokenwords";

/** focused: the keypad takes the focus when it appears. */
export function TokenTab({ focused }: { focused: boolean }) {
  useEffect(() => void askSupport(), []);
  const { support } = view.value.token;
  if (support !== null && support !== "ok") {
    const { what, next } = t().token.support[support];
    return (
      <Message tone="warn" title={what}>
        <p>{next}</p>
      </Message>
    );
  }
  const at = standing(view.value);
  return at.is === "here" ? <PinEntry left={at.left} focused={focused} /> : <Absent at={at} />;
}

/** As many as there are before an opening. */
const ALL = 5;

function PinEntry({ left, focused }: { left: number; focused: boolean }) {
  const p = t().pin;
  const { entry } = view.value.token;
  return (
    <div class="means">
      {authority(view.value).is === "pin" && (
        <Message tone="note" title={p.again}>
          <p>{p.againText}</p>
        </Message>
      )}
      {isStale(view.value) && <Message tone="warn" title={t().link.lost} />}
      <PinTrouble entry={entry} />
      {left < ALL && entry.is !== "wrong" && <p class="muted means-wait">{p.last(left)}</p>}
      {left > 0 && (
        <Keypad
          title={p.title}
          submit={t().panel.submit}
          busy={entry.is === "checking"}
          disabled={isStale(view.value)}
          focused={focused}
          onPin={pin => void enterPin(pin)}
        />
      )}
    </div>
  );
}

function Absent({ at }: { at: Standing }) {
  const said = absenceText(at);
  return (
    <div class="means" data-standing={at.is}>
      {said ? (
        <Message tone={said.loud ? "bad" : "note"} title={said.what}>
          <p>{said.next}</p>
        </Message>
      ) : (
        <p class="muted">{t().token.looking}</p>
      )}
      {said && <Connect>{at.is === "none" ? t().token.connect : t().token.connectHere}</Connect>}
      <button type="button" class="button button-primary button-wide" disabled>
        {t().panel.submit}
      </button>
    </div>
  );
}

/** The way to the order «Подключить WEB-токен». */
function Connect({ children }: { children: ComponentChildren }) {
  const go = () => {
    dialog.value = null;
    visit("token");
  };
  return (
    <button type="button" class="button button-wide" onClick={go}>
      {children}
    </button>
  );
}
