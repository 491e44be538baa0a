// The test with a server of its own, and a watch over every page: no script error, nothing against the policy.

import { test as base, expect, type Page } from "@playwright/test";
import { Server } from "./server.js";

interface Own {
  /** Flags beside those of every test. */
  flags: string[];
  server: Server;
}

export const test = base.extend<Own>({
  flags: [["--leave-grace", "3s"], { option: true }],
  server: async ({ flags }, use) => {
    const server = new Server(flags);
    try {
      await server.start();
      await use(server);
    } finally {
      await server.remove();
    }
  },
  baseURL: async ({ server }, use) => use(server.url),
  page: async ({ page }, use) => {
    const complaints = watch(page);
    await use(page);
    expect(complaints).toEqual([]);
  },
});

export { expect };

function watch(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", error => complaints.push(String(error)));
  page.on("console", message => {
    if (message.text().includes("Content Security Policy")) complaints.push(message.text());
  });
  return complaints;
}
