// Three kinds of tests: `units` and `workerd` run inside the runtime that serves; `schedules` runs in Node what has a
// lifecycle, in every order; `e2e` runs in Node and talks over real HTTP to a server.
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { existsSync, statfsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files in memory, where the system offers that. */
const MEMORY = "/dev/shm";
const ROOM_BYTES = 4 * 1024 ** 3;

// Objects wait until each of their writes is on the disk, whose speed says nothing of the Worker.
if (existsSync(MEMORY) && roomIn(MEMORY) > ROOM_BYTES) process.env["TMPDIR"] ??= MEMORY;

function roomIn(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Variables of `npm start`, but with the tests' own tokens, and no outside host allowed. */
const OPEN_LOCALLY = {
  API_TOKENS: "test-token,second-token",
  PUBLIC_ENDPOINTS: "users tasks process-data external-api batch-process",
  ALLOWED_ORIGINS: "https://site.example,https://*.pages.example",
  ALLOWED_HOSTS: "*",
  RATE_LIMIT: "off",
  ANONYMOUS_DAILY: "off",
  // Nothing listens there: a test that does not answer DNS itself gets a failure at once.
  DNS_RESOLVER_URL: "http://127.0.0.1:9/dns-query",
  // None subscribes to anything: a test hears only of what it named. Whatever is sent there, the test
  // answers in place of the network.
  CHANNELS: JSON.stringify({
    hook: {
      type: "webhook",
      url: "https://hook.example/in",
      secret: "${HOOK_SECRET}",
      public: true,
    },
    rotating: {
      type: "webhook",
      url: "https://rotating.example/in",
      secret: ["${HOOK_SECRET}", "${NEXT_SECRET}"],
      public: true,
    },
    slack: { type: "slack", url: "https://slack.example/services/${CHAT_PATH}", public: true },
    discord: {
      type: "discord",
      url: "https://discord.example/api/webhooks/1/${CHAT_PATH}",
      public: true,
    },
    ntfy: { type: "ntfy", url: "https://ntfy.example/alerts", public: true },
  }),
  HOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  NEXT_SECRET: "whsec_bmV4dC1zZWNyZXQtb2YtdGhlLWNoYW5uZWwtMzI=",
  CHAT_PATH: "T0001/B0002/not-to-be-told",
};

/** Tests that need no storage, object or route. */
const UNITS = ["test/{lib,domain,console,cli}/**/*.test.ts"];
/** Of these, the tests that go through storage or objects after all. */
const WITH_STORAGE = ["test/domain/batches/*.test.ts", "test/domain/records/file-task.test.ts"];
/** Schedules by the thousand: in Node, whose SQLite has no runtime around it. */
const SCHEDULES = ["test/schedules/*.test.ts"];
/** No test waits for time to pass; a machine under load may all the same take long. */
const IN_WORKERD = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 50_000 } },
  maxWorkers: 2,
} as const;
/** Tests over HTTP wait more than they work, for alarms and for servers that start anew; the schedules only work. */
const BESIDE_EACH_OTHER = { maxWorkers: 4, sequence: { groupOrder: 2 } } as const;
const OVER_HTTP = {
  environment: "node",
  // Servers and commands start by the dozen, each time from the same code.
  env: {
    NODE_COMPILE_CACHE: fileURLToPath(new URL("../node_modules/.cache/node", import.meta.url)),
  },
  testTimeout: 120_000,
  hookTimeout: 240_000,
  expect: { poll: { timeout: 60_000 } },
} as const;

/** Files of a project that take longest: each begins early, so that none is left to run alone in the end. */
const LONGEST = [
  /e2e\/(?:tasks|users-crash|batch-(?:crash|once|steering)|documents|recipes|soak|start|package|memory)\.test/,
  /(?:batches\/executor|list-walks|flows\/[a-z-]+|hostile\/requests|job\.actions)\.test/,
];

/** One project after the other: a worker that files share ends as soon as the next file is of another project. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.some((name) => name.test(moduleId));
    const projects = this.ctx.projects;
    const place = ({ project }: TestSpecification) => projects.indexOf(project);
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => place(a) - place(b) || Number(isLong(b)) - Number(isLong(a)));
  }
}

const inWorkerd = () =>
  cloudflareTest({
    main: "./src/worker.ts",
    wrangler: { configPath: "./wrangler.toml" },
    miniflare: { bindings: OPEN_LOCALLY },
  });

export default defineConfig({
  test: {
    silent: "passed-only",
    sequence: { sequencer: LongestFirst },
    reporters: ["default", ["json", { outputFile: "dist/test-results.json" }]],
    projects: [
      {
        plugins: [inWorkerd()],
        test: {
          ...IN_WORKERD,
          name: "units",
          include: UNITS,
          exclude: WITH_STORAGE,
          // They keep nothing anywhere, and starting a runtime takes longer than most of them do.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        plugins: [inWorkerd()],
        test: {
          ...IN_WORKERD,
          name: "workerd",
          include: [
            "test/*.test.ts",
            "test/!(e2e|schedules|lib|domain|console|cli)/**/*.test.ts",
            // The line above takes it for `cli`.
            "test/client/**/*.test.ts",
            ...WITH_STORAGE,
          ],
          exclude: ["test/e2e/**"],
          setupFiles: ["test/support/load-objects.ts", "test/support/leave-nothing.ts"],
          // Starting a runtime takes longer than most files do.
          isolate: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...BESIDE_EACH_OTHER,
          environment: "node",
          // Nothing but work: half a minute of it, and far longer beside others.
          testTimeout: 600_000,
          name: "schedules",
          include: SCHEDULES,
        },
      },
      {
        test: {
          ...BESIDE_EACH_OTHER,
          ...OVER_HTTP,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: "test/support/node/bundle-worker.ts",
          // Files share a server and a browser.
          isolate: false,
        },
      },
    ],
  },
});
