// `npm run simulate [-- outbox …] [--seed N] [--schedules N]`: random schedules of what has a lifecycle.
import { parseArgs } from "node:util";
import { channelOn } from "./channel";
import { jobLifecycle, jobSteps } from "./job";
import { OutboxDisk } from "./outbox-disk";
import { outboxOn } from "./outbox";
import { runSchedules, type Lifecycle } from "./runner";
import { openSqlite } from "./node-sqlite";

const LIFECYCLES: Readonly<Record<string, () => Lifecycle>> = {
  outbox: () => outboxOn(new OutboxDisk(openSqlite())),
  channel: () => channelOn(openSqlite()),
  job: () => jobLifecycle,
};
const REPORT_EVERY = 10_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
    schedules: { type: "string", default: "1000000" },
  },
});
const selection = { seed: Number(values.seed), schedules: Number(values.schedules) };

for (const name of positionals.length === 0 ? Object.keys(LIFECYCLES) : positionals) {
  const open = LIFECYCLES[name];
  if (open === undefined) throw new Error(`There is no lifecycle "${name}"`);
  console.log(`${name}: ${selection.schedules} schedules from --seed ${selection.seed}`);
  const start = performance.now();
  await runSchedules(open(), selection, (done) => {
    if (done % REPORT_EVERY === 0) console.log(`  ${done} in ${seconds(start)} s`);
  });
  console.log(`${name}: every promise held, in ${seconds(start)} s`);
  if (name === "job") console.log(`  ${jobSteps.count} steps`);
}

function seconds(start: number): number {
  return Math.round((performance.now() - start) / 1000);
}
