// `npm run bench [scenario …] [--rounds N] [--starts N] [--requests N] [--against DIR]
// [--json | --markdown]`: measures, prints tables, and fails where a target is missed.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Report, Scenario, Target } from "./lib/scenario.ts";
import { renderTable } from "./lib/table.ts";
import { batch } from "./scenarios/batch.ts";
import { burst } from "./scenarios/burst.ts";
import { calls } from "./scenarios/calls.ts";
import { fanOut } from "./scenarios/fan-out.ts";
import { latency } from "./scenarios/latency.ts";
import { posts } from "./scenarios/posts.ts";
import { pipeline } from "./scenarios/pipeline.ts";
import { processData } from "./scenarios/process-data.ts";
import { singleCalls } from "./scenarios/single-calls.ts";
import { size } from "./scenarios/size.ts";
import { startUp } from "./scenarios/start-up.ts";

const SCENARIOS: readonly Scenario[] = [
  processData,
  pipeline,
  posts,
  singleCalls,
  burst,
  calls,
  fanOut,
  batch,
  latency,
  size,
  startUp,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "150" },
    starts: { type: "string", default: "6" },
    requests: { type: "string", default: "100" },
    against: { type: "string" },
    json: { type: "boolean", default: false },
    markdown: { type: "boolean", default: false },
  },
});

const effort = {
  rounds: toCount(values.rounds),
  starts: toCount(values.starts),
  requests: toCount(values.requests),
  against: values.against === undefined ? null : resolve(values.against),
};
const reports: Record<string, Report> = {};
for (const scenario of choose(positionals)) {
  const report = await scenario.run(effort);
  reports[scenario.name] = report;
  if (!values.json) print(scenario, report);
}
if (values.json) console.log(JSON.stringify(reports, null, 2));
if (Object.values(reports).some(({ targets }) => targets.some(isMissed))) process.exitCode = 1;

function toCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new Error(`"${text}" is not a positive whole number`);
}

function choose(names: readonly string[]): readonly Scenario[] {
  const unknown = names.find((name) => SCENARIOS.every((scenario) => scenario.name !== name));
  if (unknown === undefined) {
    return SCENARIOS.filter(({ name }) => names.length === 0 || names.includes(name));
  }
  const known = SCENARIOS.map(({ name }) => name).join(", ");
  throw new Error(`There is no scenario "${unknown}"; there are: ${known}`);
}

function isMissed({ measured, atMost }: Target): boolean {
  return !(measured <= atMost);
}

function print({ title }: Scenario, { head, rows, targets, notes = [] }: Report): void {
  const { markdown } = values;
  console.log(markdown ? `\n### ${title}\n` : `\n${title}\n`);
  console.log(renderTable(head, rows));
  if (markdown) console.log("");
  const bullet = markdown ? "- " : "";
  for (const target of targets) console.log(`${bullet}${verdictOn(target)}`);
  for (const note of notes) console.log(`${bullet}${note}`);
}

function verdictOn(target: Target): string {
  const { what, measured, atMost } = target;
  return `${isMissed(target) ? "MISSED" : "met"}: ${what} ${measured.toFixed(2)}, target ${atMost.toFixed(2)}`;
}
