// The real world: WebSocket, fetch, timers, storage.

import type { Refusal } from "../wire";
import { device } from "./device";
import { type Drawer, Memory } from "./memory";
import { type Answer, lost } from "./requests";
import type { Socket, World } from "./world";

export function browserWorld(): World {
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    after: (ms, then) => {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
    open: openSocket,
    post: async (cmd, params) => (await post(cmd, params)) as never,
    beacon: (cmd, params) => {
      navigator.sendBeacon("/api/", envelope(cmd, params));
    },
    device: device(navigator.userAgent),
    memory: new Memory(
      drawer(() => sessionStorage),
      drawer(() => localStorage),
    ),
  };
}

function openSocket(): Socket {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const ws = new WebSocket(`${scheme}//${location.host}/ws`);
  const socket: Socket = {
    send: text => {
      if (ws.readyState === WebSocket.OPEN) ws.send(text);
    },
    close: () => ws.close(1000),
    onmessage: null,
    onclose: null,
  };
  ws.onmessage = e => {
    if (typeof e.data === "string") socket.onmessage?.(e.data);
  };
  ws.onclose = e => socket.onclose?.(e.code);
  return socket;
}

function envelope(cmd: string, params: unknown): URLSearchParams {
  return new URLSearchParams({ q: JSON.stringify({ cmd, params }) });
}

async function post(cmd: string, params: unknown): Promise<Answer<unknown>> {
  try {
    const response = await fetch("/api/", {
      method: "POST",
      body: envelope(cmd, params),
      credentials: "same-origin",
      signal: AbortSignal.timeout(15_000),
    });
    const body: unknown = await response.json();
    const refusal = body as Partial<Refusal> | null;
    if (!refusal?.error && !refusal?.errMsg) return { ok: true, result: body };
    const retryAfter = refusal.retryAfter ?? Number(response.headers.get("Retry-After") ?? 0);
    const text = refusal.error || refusal.errMsg || "";
    const said = { code: 0, reason: "", ...refusal, error: text, errMsg: text, retryAfter };
    return { ok: false, lost: false, refusal: said };
  } catch {
    return lost("no_connection");
  }
}

/** Asks for the storage at each use: a browser may forbid even to look at it. */
function drawer(storage: () => Storage): Drawer {
  return {
    getItem: key => storage().getItem(key),
    setItem: (key, value) => storage().setItem(key, value),
    removeItem: key => storage().removeItem(key),
  };
}
