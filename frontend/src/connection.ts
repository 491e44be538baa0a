// The one place where the terminal touches the world: logs in, keeps a socket, resumes by number, and tells the view
// what it hears. It decides nothing about what is shown.

import { afterClose, delay } from "./link/backoff";
import { ServerClock } from "./link/clock";
import { type Frame, isNumberedEvent, readFrame, writeFrame } from "./link/frames";
import { type Answer, type CommandName, lost, type Params, Requests, type Result } from "./link/requests";
import { Resume } from "./link/resume";
import type { Socket, World } from "./link/world";
import { type Framing, OrderDesk } from "./orderdesk";
import type { Happening } from "./view/told";
import { clientCode, type View } from "./view/view";
import type { OrderRow, Quote, Refusal, SecuritySession, UserData } from "./wire";

const ANSWER_WITHIN = 10_000;
const PROBE_WITHIN = 5_000;
/** The server speaks at least every 50 s. */
const SILENCE = 75_000;
/** After these the list of means is another one. */
const ABOUT_MEANS = /^(means\.|phone\.|attempt\.failed$|token\.(registered|opened|revoked|locked|cloned)$)/;

export class Connection {
  readonly clock: ServerClock;
  readonly desk: OrderDesk;
  private socket: Socket | null = null;
  private readonly requests: Requests;
  private readonly resume: Resume;
  private attempt = 0;
  private cancelReturn = () => {};
  private heardAt = 0;
  private userId: number | null = null;
  private cameBackAt = Number.NEGATIVE_INFINITY;
  private leaving = false;

  constructor(
    private readonly world: World,
    private readonly tickers: string[],
    private readonly view: () => View,
    private readonly tell: (h: Happening) => void,
    frame: Framing = async order => order,
  ) {
    this.clock = new ServerClock(world.now);
    this.requests = new Requests(world.after);
    this.desk = new OrderDesk(this, world, view, tell, frame);
    this.resume = new Resume({
      last: () => view().journal.seq,
      remembered: () => world.memory.lastNumber(this.client()),
      ask: since => this.request("events", { since }),
      snapshots: () => this.subscribe(),
      forget: () => world.memory.forgetNumber(this.client()),
      tell,
    });
  }

  /** Is this browser logged in? If so, connect. */
  async start(): Promise<void> {
    const who = await this.world.post("getSidInfo", {});
    if (!who.ok) return this.comeBack(1006, () => void this.start());
    if (!who.result.SID) return this.signOut(null);
    this.userId = who.result.user_id;
    this.connect();
  }

  async login(login: string, password: string, remember: boolean): Promise<Refusal | null> {
    const params = { login, password, rememberMe: remember ? 1 : 0, label: this.world.device } as const;
    const answer = await this.world.post("authByLogin", params);
    if (!answer.ok) return answer.refusal;
    this.userId = answer.result.userId;
    this.world.memory.announceLogin(`${this.userId} ${this.world.now()}`);
    this.attempt = 0;
    this.leaving = false;
    this.connect();
    return null;
  }

  async logout(): Promise<Refusal | null> {
    this.leaving = true;
    const answer = await this.world.post("logout", {});
    if (!answer.ok) {
      this.leaving = false;
      return answer.refusal;
    }
    this.world.memory.announceLogin(`- ${this.world.now()}`);
    this.signOut("logout");
    return null;
  }

  /** By HTTP: the login gets a new SID, which only a cookie keeps from scripts. The socket comes back with it. */
  changePassword(oldPassword: string, newPassword: string): Promise<Answer<Result<"changePassword">>> {
    return this.world.post("changePassword", { oldPassword, newPassword });
  }

  request<K extends CommandName>(
    cmd: K,
    params: Params<K>,
    within = ANSWER_WITHIN,
  ): Promise<Answer<Result<K>>> {
    if (!this.socket) return Promise.resolve(lost("no_connection"));
    const { id, answer } = this.requests.expect<Result<K>>(within);
    this.socket.send(writeFrame(cmd, params, id));
    return answer;
  }

  async refreshMeans(): Promise<void> {
    const answer = await this.request("getSafetyTypes", {});
    if (answer.ok) this.tell({ is: "means", rows: answer.result });
  }

  /** The tab is being closed or reloaded: say so twice, by two ways that may each be too slow. */
  leave(): void {
    const terminal = this.view().user?.terminal;
    if (this.view().stage !== "terminal" || !this.socket) return;
    this.socket.send(writeFrame("leaveTerminal"));
    this.world.beacon("leaveTerminal", terminal === undefined ? {} : { terminal });
  }

  /** The tab came to the front, the machine woke up, the network is back: is everything still as it seems? */
  async wake(): Promise<void> {
    if (this.view().stage !== "terminal") return;
    if (this.view().link.is === "lost") return this.connect();
    if (this.world.now() - this.heardAt > PROBE_WITHIN) void this.probe();
    await this.recognise();
  }

  /** A page that comes back from the browser's cache has lost its socket. */
  returned(): void {
    if (this.view().stage === "terminal") this.drop();
  }

  /** Called every few seconds. */
  watch(): void {
    if (this.socket && this.world.now() - this.heardAt > SILENCE) this.drop();
  }

  /** The connection is not worth waiting for: open another one. */
  drop(): void {
    this.closeSocket();
    this.comeBack(1006, () => this.connect());
  }

  private connect(): void {
    this.cancelReturn();
    this.closeSocket();
    this.tell({ is: "connecting", attempt: this.attempt });
    const socket = this.world.open();
    this.socket = socket;
    this.heardAt = this.world.now();
    this.resume.begin();
    socket.onmessage = text => this.hear(text);
    socket.onclose = code => this.closed(code);
  }

  private hear(text: string): void {
    this.heardAt = this.world.now();
    const frame = readFrame(text);
    if (!frame) return;
    // A replayed event carries the time when it happened; every other frame the time when it was sent.
    if (frame.at !== null && frame.seq === null) this.clock.heard(frame.at);
    if (isNumberedEvent(frame)) return this.numbered(frame);
    this.plain(frame);
  }

  private numbered(frame: Frame & { seq: number }): void {
    if (!this.resume.event(frame, this.clock.now())) return;
    this.world.memory.keepNumber(this.client(), frame.seq);
    if (this.view().link.is === "up" && ABOUT_MEANS.test(frame.name)) void this.refreshMeans();
  }

  private plain(frame: Frame): void {
    const seq = frame.seq ?? this.view().journal.seq;
    switch (frame.name) {
      case "userData":
        return this.met(frame.data as UserData);
      case "reply":
        return this.requests.reply(frame.data);
      case "resync":
        return this.resume.resync((frame.data as { seq: number }).seq);
      case "sessions":
        return this.tell({ is: "sessions", rows: frame.data as SecuritySession[], seq });
      case "orders":
        this.tell({ is: "orders", rows: frame.data as OrderRow[], seq });
        return this.desk.settle();
      case "q":
        return this.tell({ is: "quote", quote: frame.data as Quote, at: this.clock.now() });
      case "error":
        return console.warn("vakhta:", frame.data);
    }
  }

  private met(user: UserData): void {
    if (user.isDemo) return this.signOut("login_ended");
    const shown = this.view().user;
    if (shown && clientCode(shown) !== clientCode(user)) return this.stranger(user.login);
    this.attempt = 0;
    this.tell({ is: "user", user });
    this.resume.start();
    this.subscribe();
    this.socket?.send(writeFrame("quotes", this.tickers));
    void this.refreshMeans();
  }

  private subscribe(): void {
    this.desk.expectSnapshot();
    this.socket?.send(writeFrame("orders"));
    this.socket?.send(writeFrame("sessions"));
  }

  private closed(code: number): void {
    this.socket = null;
    this.requests.loseAll();
    if (this.leaving) return;
    switch (afterClose(code)) {
      case "login":
        return void this.loginEnded();
      case "never":
        return this.tell({ is: "fault" });
      case "back":
        return this.comeBack(code, () => this.connect());
    }
  }

  /** Another tab of this browser may have logged in anew: then the cookie is good and only this socket was not. */
  private async loginEnded(): Promise<void> {
    const reason = this.resume.loginClosed ?? "login_ended";
    const who = await this.world.post("getSidInfo", {});
    const again = this.world.now() - this.cameBackAt < 10_000;
    if (!who.ok || !who.result.SID || again) return this.signOut(reason);
    if (who.result.user_id !== this.userId) return this.stranger(null);
    this.cameBackAt = this.world.now();
    this.connect();
  }

  private comeBack(code: number, then: () => void): void {
    const wait = delay(this.attempt++, code, this.world.random());
    this.tell({ is: "lost", attempt: this.attempt, retryAt: this.world.now() + wait });
    this.cancelReturn();
    this.cancelReturn = this.world.after(wait, then);
  }

  private async probe(): Promise<void> {
    const socket = this.socket;
    const answer = await this.request("getSafetyTypes", {}, PROBE_WITHIN);
    if (!answer.ok && answer.lost && socket === this.socket && socket) this.drop();
  }

  /** Is the cookie of this browser still the client's whom this tab shows? */
  private async recognise(): Promise<void> {
    const who = await this.world.post("getSidInfo", {});
    if (!who.ok || !who.result.SID || this.view().stage !== "terminal") return;
    if (this.userId !== null && who.result.user_id !== this.userId) this.stranger(null);
  }

  /** Nothing of one client may stay beside another's: this tab ends. */
  private stranger(now: string | null): void {
    this.socket?.send(writeFrame("leaveTerminal"));
    this.stop();
    this.tell({ is: "foreign", now });
  }

  private signOut(reason: string | null): void {
    this.stop();
    this.tell({ is: "signedOut", reason });
  }

  private stop(): void {
    this.cancelReturn();
    this.closeSocket();
    this.userId = null;
    this.attempt = 0;
  }

  private closeSocket(): void {
    const socket = this.socket;
    this.socket = null;
    if (socket) {
      socket.onmessage = null;
      socket.onclose = null;
      socket.close();
    }
    this.requests.loseAll();
  }

  private client(): string {
    const user = this.view().user;
    return user ? clientCode(user) : "";
  }
}
