// Assembles the client from its parts.
import type { Clock } from "../lib/clock";
import type { Client, ClientOptions } from "./api";
import { batchesOf, batchHandle, startCall } from "./batch";
import { channelsOf, notificationsOf } from "./channels";
import { externalApiOf } from "./external-api";
import { requestOf } from "./request";
import { tasksOf, usersOf } from "./records";
import { createTransport } from "./transport";
import type { Batch, OperationInfo } from "./wire";

/** A client whose waiting is timed by this clock. */
export function connect(options: ClientOptions, clock: Clock): Client {
  const transport = createTransport(options, clock);
  // /process-data changes nothing on the Worker, so this POST can be repeated.
  const process = {
    method: "POST",
    path: "/process-data",
    isRepeatable: true,
    has: ["errors", "results"],
  } as const;
  return {
    ...externalApiOf(transport),
    ...requestOf(transport),
    processData: (items, operation, callOptions) =>
      transport.call({ ...process, json: { items, operation } }, callOptions),
    processDataByEach: (items, operations, callOptions) =>
      transport.call({ ...process, json: { items, operations } }, callOptions),
    operations: async (callOptions) => {
      const list = { path: "/process-data", has: ["operations"] };
      return (await transport.call<{ operations: OperationInfo[] }>(list, callOptions)).operations;
    },
    users: usersOf(transport),
    tasks: tasksOf(transport),
    channels: channelsOf(transport),
    notifications: notificationsOf(transport),
    batches: batchesOf(transport),
    batch: async (batch, callOptions) => {
      const { id } = await transport.create<Batch>(startCall(batch), callOptions);
      return batchHandle(transport, id);
    },
    batchById: (id) => batchHandle(transport, id),
  };
}
