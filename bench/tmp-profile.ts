import { execFileSync, spawn } from "node:child_process";
import { Client } from "./lib/load.ts";
import { openOutside } from "./lib/outside.ts";
import { ORIGIN, peerOf, SERENTAK } from "./lib/peers.ts";
import { startServer } from "./lib/server.ts";
const outside = await openOutside();
const items = Array.from({ length: 100 }, (_, n) => `item ${n}`);
const shot = {
  method: "POST",
  path: "/batch-process",
  headers: { "Content-Type": "application/json", Origin: ORIGIN },
  body: JSON.stringify({ operation: "uppercase", items }),
};
const which = process.argv[2] ?? "s";
const conns = Number(process.argv[3] ?? 16);
const peer = which === "b" ? peerOf("bare-posts") : SERENTAK;
const server = await startServer(peer, outside);
const client = new Client(server.port, conns);
await client.fire(shot, 600, 202);
await new Promise((r) => setTimeout(r, 500));
let perf;
if (process.argv[6]) {
  const pid = execFileSync("pgrep", ["-n", "-P", String(process.pid)])
    .toString()
    .trim();
  perf = spawn("perf", ["record", "-F", "999", "-g", "-p", pid, "-o", process.argv[4]], {
    stdio: "inherit",
  });
  await new Promise((r) => setTimeout(r, 500));
}
const out = [];
for (let i = 0; i < 12; i++) {
  const before = server.cpuNs();
  await client.fire(shot, 100, 202);
  await new Promise((r) => setTimeout(r, 300));
  out.push(Math.round((server.cpuNs() - before) / 1000 / 100));
}
console.log(which, conns, out.join(" "), "median", out.sort((a, b) => a - b)[6]);
perf?.kill("SIGINT");
await new Promise((r) => setTimeout(r, 5000));
client.close();
outside.close();
await server.stop();
process.exit(0);
