// One JSON array per text frame: [name, data, "wstm=…&seq=N"].

export interface Frame {
  name: string;
  data: unknown;
  /** The server's clock, milliseconds. */
  at: number | null;
  seq: number | null;
}

export function readFrame(text: string): Frame | null {
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(parts) || typeof parts[0] !== "string") return null;
  const [name, data, tail] = parts;
  const said = new URLSearchParams(typeof tail === "string" ? tail : "");
  const at = Date.parse(said.get("wstm") ?? "");
  const seq = Number(said.get("seq") ?? "");
  return { name, data, at: Number.isNaN(at) ? null : at, seq: seq > 0 ? seq : null };
}

/** Numbered events are named thing.happened; snapshots carry a number too, but no dot. */
export function isNumberedEvent(frame: Frame): frame is Frame & { seq: number } {
  return frame.seq !== null && frame.name.includes(".");
}

export function writeFrame(name: string, params?: unknown, id?: string): string {
  if (id !== undefined) return JSON.stringify([name, params ?? {}, id]);
  return JSON.stringify(params === undefined ? [name] : [name, params]);
}
