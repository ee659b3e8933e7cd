import { defineConfig } from "vitest/config";

/** Browsers with `light-dark()`: the style sheet is shipped as written, without fallbacks. */
const browsers = ["chrome123", "firefox120", "safari17.5"];

export default defineConfig({
  base: "./",
  build: {
    target: browsers,
    cssTarget: browsers,
    // No data: addresses and no inline script, so that the strictest content policy holds.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  server: {
    // `npm run dev` against a running daemon: HOOKSWITCH_URL is the address it printed.
    proxy: {
      "/api": { target: process.env["HOOKSWITCH_URL"] ?? "http://127.0.0.1:8733", ws: true },
    },
  },
  test: { environment: "happy-dom", include: ["tests/unit/**/*.test.{ts,tsx}"] },
});
