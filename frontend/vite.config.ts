import { defineConfig } from "vitest/config";

// `npm run dev` shows the terminal from source and asks this server for everything else.
const server = process.env.VAKHTA ?? "http://127.0.0.1:8080";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // the policy allows no data: fonts
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { index: "index.html", phone: "phone.html", desk: "desk.html" } },
  },
  server: {
    proxy: {
      "/api": server,
      "/dev": server,
      "/desk/api": server,
      "/ws": { target: server, ws: true },
    },
  },
  test: { include: ["src/**/*.test.{ts,tsx}"] },
});
