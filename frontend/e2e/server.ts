// The real server, one for each test, on a database of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const BINARY = process.env.VAKHTA_BIN ?? resolve(import.meta.dirname, "../../bin/vakhta");
const READY = /listening on (http:\/\/127\.0\.0\.1:(\d+))/;

export interface Text {
  to: string;
  text: string;
  at: string;
}

export class Server {
  url = "";
  private process: ChildProcess | null = null;
  private log = "";
  private readonly folder = mkdtempSync(join(tmpdir(), "vakhta-e2e-"));

  constructor(private readonly flags: string[]) {}

  /** The first start picks a port, a later one takes the same again. */
  async start(): Promise<void> {
    if (!existsSync(BINARY)) throw new Error(`${BINARY} is missing: run «make build» first`);
    const port = this.url ? new URL(this.url).port : "0";
    const database = `sqlite:${join(this.folder, "vakhta.db")}`;
    const fixed = ["serve", "--listen", `127.0.0.1:${port}`, "--database-url", database, "--demo"];
    const child = spawn(BINARY, [...fixed, ...this.flags], { stdio: ["ignore", "ignore", "pipe"] });
    this.process = child;
    this.url = await new Promise<string>((done, fail) => {
      const late = setTimeout(
        () => fail(new Error(`the server is not ready after 20 s:\n${this.log}`)),
        20_000,
      );
      child.stderr?.on("data", (chunk: Buffer) => {
        this.log += chunk;
        const ready = READY.exec(this.log);
        if (!ready?.[1]) return;
        clearTimeout(late);
        done(ready[1]);
      });
      child.on("error", fail);
      child.on("exit", code => fail(new Error(`the server ended with ${code}:\n${this.log}`)));
    });
  }

  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const child = this.process;
    this.process = null;
    this.log = "";
    if (!child || child.exitCode !== null) return;
    const ended = new Promise(done => child.once("exit", done));
    child.kill(signal);
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What the development phone has received, newest last. */
  async texts(): Promise<Text[]> {
    const response = await fetch(`${this.url}/dev/phone/messages`);
    return (await response.json()) as Text[];
  }
}
