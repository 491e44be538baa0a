// How far this machine's clock is from the server's. A frame is always late by its journey, so the largest difference
// seen is the best; one that is off by seconds means that a clock was set, or that the machine slept.

const JUMP = 2000;

export class ServerClock {
  private offset: number | null = null;

  constructor(private readonly local: () => number) {}

  /** `at` is what the server's clock said when it sent a frame that has just come. */
  heard(at: number): void {
    const sample = at - this.local();
    if (this.offset === null || sample > this.offset || this.offset - sample > JUMP) this.offset = sample;
  }

  now(): number {
    return this.local() + (this.offset ?? 0);
  }
}
