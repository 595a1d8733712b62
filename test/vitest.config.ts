// Two kinds of tests: `workerd` runs units and routes inside the runtime that serves them; `e2e`
// runs in Node and talks over real HTTP to `npm start`.
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { CHANNEL_SECRETS, channelsJson } from "./support/channel-settings";

/** What `npm start` opens, but with a token of the tests' own and no outside host allowed. */
const OPEN_LOCALLY = {
  API_TOKENS: "test-token,second-token",
  PUBLIC_ENDPOINTS: "users tasks process-data external-api batch-process",
  ALLOWED_ORIGINS: "https://site.example,https://*.pages.example",
  ALLOWED_HOSTS: "*",
  RATE_LIMIT: "off",
  // Nothing listens there: a test that does not answer DNS itself gets a failure at once.
  DNS_RESOLVER_URL: "http://127.0.0.1:9/dns-query",
  CHANNELS: channelsJson(),
  ...CHANNEL_SECRETS,
};

export default defineConfig({
  test: {
    silent: "passed-only",
    reporters: ["default", ["json", { outputFile: "dist/test-results.json" }]],
    projects: [
      {
        plugins: [
          cloudflareTest({
            main: "./src/worker.ts",
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: { bindings: OPEN_LOCALLY },
          }),
        ],
        test: { name: "workerd", include: ["test/**/*.test.ts"], exclude: ["test/e2e/**"] },
      },
      {
        test: {
          name: "e2e",
          environment: "node",
          // Each file starts a server; timings want the machine for themselves.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
