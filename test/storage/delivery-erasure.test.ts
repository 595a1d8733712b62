// What is kept of deliveries once the record that they were about is deleted.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { it } from "vitest";
import { createEvent } from "../../src/domain/notifications/events";
import { ChannelStore } from "../../src/storage/channel-store";

const NOW = Date.UTC(2040, 0, 1);
const error = { code: "http-status", detail: "The receiver answered 503: zq7xmark" };
const attempt = { at: NOW, httpStatus: 503, durationMs: 1, error, excerpt: "zq7xmark" };

it("Erasing leaves no text of a record, also of an attempt that ends after it", async ({
  expect,
}) => {
  await runInDurableObject(env.CHANNEL_QUEUES.getByName("hook"), (_, { storage }) => {
    const store = new ChannelStore(storage);
    const [gone, other] = [crypto.randomUUID(), crypto.randomUUID()];
    for (const id of [gone, other]) {
      const data = { title: "zq7xmark" };
      store.add(createEvent({ id, type: "task.created", recordId: id, data }, NOW), NOW);
    }
    const fail = (id: string) => {
      const seq = store.find(id)?.delivery.seq ?? 0;
      const change = {
        seq,
        status: "pending",
        tries: 1,
        dueAt: NOW,
        httpStatus: 503,
        error,
      } as const;
      store.settle([change], attempt);
    };
    const all = () =>
      JSON.stringify(
        ["deliveries", "attempts"].flatMap((name) =>
          storage.sql.exec(`SELECT * FROM ${name}`).toArray(),
        ),
      );
    for (const id of [gone, other]) fail(id);
    const count = all().split("zq7xmark").length - 1;
    store.erase(gone);
    fail(gone);
    expect(all().split("zq7xmark")).toHaveLength(count / 2 + 1);
    expect(store.find(gone)?.delivery).toMatchObject({
      status: "cancelled",
      attempts: 2,
      dueAt: null,
    });
    const seq = store.find(gone)?.delivery.seq ?? 0;
    expect(store.logOf(seq).map(({ httpStatus, excerpt }) => [httpStatus, excerpt])).toEqual([
      [503, null],
      [503, null],
    ]);
  });
});
