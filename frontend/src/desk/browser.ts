// The real world: the desk's door, and timers. Nothing else of the desk touches fetch.

import { type Answer, lost } from "../link/requests";
import type { Refusal } from "../wire";
import { type DemoOperator, type DeskWorld, NOT_LOGGED_IN } from "./world";

const ANSWER_WITHIN = 15_000;

export function browserWorld(): DeskWorld {
  return {
    now: () => Date.now(),
    after: (ms, then) => {
      const timer = setTimeout(then, ms);
      return () => clearTimeout(timer);
    },
    demoOperators,
    call: async (cmd, params) => (await call(cmd, params)) as never,
  };
}

async function demoOperators(): Promise<DemoOperator[]> {
  try {
    const response = await fetch("/dev/operators", { cache: "no-store" });
    return response.ok ? await response.json() : [];
  } catch {
    return [];
  }
}

async function call(cmd: string, params: unknown): Promise<Answer<unknown>> {
  try {
    const response = await fetch(`/desk/api/${cmd}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(params),
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    });
    const body: unknown = await response.json();
    const refusal = body as Partial<Refusal> | null;
    if (response.ok && !refusal?.error) return { ok: true, result: body };
    const text = refusal?.error ?? `HTTP ${response.status}`;
    const reason = response.status === 401 ? NOT_LOGGED_IN : "";
    const retryAfter = refusal?.retryAfter ?? Number(response.headers.get("Retry-After") ?? 0);
    return {
      ok: false,
      lost: false,
      refusal: { code: 0, reason, ...refusal, error: text, errMsg: text, retryAfter },
    };
  } catch {
    return lost("no_connection");
  }
}
