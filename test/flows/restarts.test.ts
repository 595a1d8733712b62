// An object that restarts in any step of any flow: before it is asked, after it has done what it was asked
// and before anyone is told, and in the midst of writing.
import { describe, it } from "vitest";
import {
  call,
  create,
  KINDS,
  type Kind,
  list,
  onTheRealPlatform,
  type Shown,
  textIn,
  TASKS,
  USERS,
} from "./platforms";
import type { World } from "../simulator";
import type { Fault } from "../simulator/faults";

const HOUR_MS = 60 * 60_000;

/** A request whose reply, and what it leaves, must not differ where an object restarted. */
interface Flow {
  readonly flow: string;
  /** Sends it. `made` was made before. */
  readonly send: (kind: Kind, made: Shown) => Promise<Response>;
  readonly status: number;
  /** Versions of the records that are there in the end, the newest first. */
  readonly versions: readonly number[];
}

const READS: readonly Flow[] = [
  {
    flow: "GET",
    send: ({ kind }, { id }) => call("GET", `/${kind}/${id}`),
    status: 200,
    versions: [1],
  },
  {
    flow: "GET of the list",
    send: ({ kind }) => call("GET", `/${kind}`),
    status: 200,
    versions: [1],
  },
  {
    flow: "an export",
    send: ({ kind }) => call("GET", `/${kind}`, undefined, { Accept: "text/csv" }),
    status: 200,
    versions: [1],
  },
];

const WRITES: readonly Flow[] = [
  {
    flow: "POST",
    send: ({ kind, body }) => call("POST", `/${kind}`, body()),
    status: 201,
    versions: [1, 1],
  },
  {
    flow: "POST with a key",
    send: ({ kind, body }) =>
      call("POST", `/${kind}`, body(), { "Idempotency-Key": crypto.randomUUID() }),
    status: 201,
    versions: [1, 1],
  },
  {
    flow: "PATCH of a version",
    send: ({ kind, field }, { id }) =>
      call("PATCH", `/${kind}/${id}`, { [field]: "Changed" }, { "If-Match": '"1"' }),
    status: 200,
    versions: [2],
  },
  {
    flow: "DELETE of a version",
    send: ({ kind }, { id }) => call("DELETE", `/${kind}/${id}`, undefined, { "If-Match": '"1"' }),
    status: 204,
    versions: [],
  },
];

/** Requests that exist for one kind of record only. */
const WRITES_OF: Record<Kind["kind"], readonly Flow[]> = {
  users: [
    {
      flow: "PATCH of the e-mail",
      send: (_, { id }) => call("PATCH", `/users/${id}`, { email: "other@example.com" }),
      status: 200,
      versions: [2],
    },
  ],
  tasks: [
    {
      flow: "POST with an assignee",
      send: async ({ body }) => {
        const { id: assignee_id } = await create(USERS);
        return call("POST", "/tasks", { ...body(), assignee_id });
      },
      status: 201,
      versions: [1, 1],
    },
  ],
};

/** Orders the fault of one way to restart, for the `nth` step. */
type Order = (world: World, nth: number) => Fault;

const WAYS: readonly {
  readonly way: string;
  readonly flows: readonly Flow[];
  readonly order: Order;
}[] = [
  {
    way: "before a call",
    flows: [...READS, ...WRITES],
    order: ({ objects }, nth) => objects.fail({ how: "restart", binding: "TABLES", nth }),
  },
  {
    way: "after a call, whose reply is lost",
    flows: [...READS, ...WRITES],
    order: ({ objects }, nth) => objects.fail({ how: "reply-lost", binding: "TABLES", nth }),
  },
  {
    way: "while it writes",
    flows: WRITES,
    order: ({ storage }, nth) => storage.fail({ how: "crash", binding: "TABLES", nth }),
  },
];

/** Everything is as one request leaves it: in the list, and in the end in KV. */
async function stateOf(world: World, { kind, binding }: Kind) {
  const listed = await list(kind);
  await world.elapse(HOUR_MS);
  const published = [...world.kv.published(binding).values()]
    .map(({ value }): unknown => JSON.parse(String(value)))
    .map((value) => Number(Reflect.get(Object(value), "version")));
  return { listed: listed.map(({ version }) => version), published: published.toReversed() };
}

onTheRealPlatform((worldOfTest) => {
  describe.each(KINDS)("with an object of $kind that restarts", (kind) => {
    describe.each(WAYS)("$way", ({ flows, order }) => {
      it.for([...flows, ...WRITES_OF[kind.kind]])(
        "$flow does its work once",
        async ({ send, status, versions }, { expect }) => {
          const world = worldOfTest();
          let steps = 0;
          for (let isStruck = true; isStruck; steps += 1) {
            const made = await create(kind);
            await world.settled();
            const fault = order(world, steps + 1);
            const response = await send(kind, made);
            expect(response.status, `step ${steps}: ${await response.text()}`).toBe(status);
            expect(await stateOf(world, kind), `step ${steps}`).toEqual({
              listed: versions,
              published: versions,
            });
            isStruck = fault.struck > 0;
            fault.end();
            for (const { id } of await list(kind.kind))
              await textIn(await call("DELETE", `/${kind.kind}/${id}`), 204);
            await world.elapse(HOUR_MS);
          }
          // The last one was struck by nothing.
          expect(steps).toBeGreaterThan(1);
        },
      );
    });
  });

  it.for(["restart", "reply-lost"] as const)(
    "tells of a task once: %s in any object",
    async (how, { expect }) => {
      const world = worldOfTest();
      const events = new Set<string>();
      world.answer(({ headers }) => {
        events.add(headers.get("webhook-id") ?? "");
        return new Response(null, { status: 204 });
      });
      let steps = 0;
      for (let isStruck = true; isStruck; steps += 1) {
        const fault = world.objects.fail({ how, nth: steps + 1 });
        await create(TASKS, { notify: ["hook"] });
        await world.settled();
        await world.elapse(HOUR_MS);
        expect(events.size, `step ${steps}`).toBe(steps + 1);
        isStruck = fault.struck > 0;
        fault.end();
      }
      expect(steps).toBeGreaterThan(2);
    },
  );
});
