// Channels that were told of users: they are asked to forget, whatever they subscribe to by then, and their
// messages lead to where the change was made.
import { evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { v7 } from "uuid";
import { afterEach, beforeEach, it } from "vitest";
import { createEvent } from "../../src/domain/notifications/events";
import { eventDataOf } from "../../src/domain/records/event-data";
import { channelNamed } from "../../src/runtime/channels";
import { someUser } from "../support/records";
import { idle, receive, stopAlarms, subscribeAll, typesFor } from "../support/tasks";
import {
  carriedOut,
  freshEmail,
  HAS_MAIL_SERVER,
  patch,
  remove,
  restoreWorld,
  signUp,
  usersTable,
} from "../support/users";
import { ORIGIN } from "../support/worker";

subscribeAll({ ntfy: ["user.*"] });

beforeEach(stopAlarms);
afterEach(async () => {
  restoreWorld();
  await reset();
});

function receiveAll() {
  return receive(({ host }) =>
    host === "127.0.0.1" ? Response.json(HAS_MAIL_SERVER) : new Response("ok"),
  );
}

it("A channel that subscribes no more forgets a deleted user, too", async ({ expect }) => {
  const received = receiveAll();
  const { id: _, ...fields } = await signUp(freshEmail(), { name: "Ada" });
  const user = { ...fields, id: v7(), email: freshEmail() };
  const record = { kind: "user" as const, value: user };
  const event = createEvent(
    { id: v7(), type: "user.created", recordId: user.id, data: eventDataOf(record, null) },
    Date.now(),
  );
  // As it was created while "hook" subscribed.
  const effects = [{ kind: "notify" as const, recordId: user.id, event, channels: ["hook"] }];
  expect(await usersTable().create({ record, effects, kept: null })).toMatchObject({
    status: "written",
  });
  await carriedOut();
  await idle("hook");
  expect(typesFor(received)).toEqual(["user.created"]);
  expect((await channelNamed(env, "hook").read(event.id))?.event).not.toBeNull();

  await evictDurableObject(usersTable());
  expect((await remove(user.id)).status).toBe(204);
  await carriedOut();
  expect((await channelNamed(env, "hook").read(event.id))?.event).toBeNull();
});

it("Channels that are told of a confirmation alone are known, too", async ({ expect }) => {
  receiveAll();
  const [known, pending] = [someUser(1), someUser(2)];
  const { email } = known;
  const json = JSON.stringify({ ...known, confirmed_at: null });
  await usersTable().importRecords([{ json, importedBy: "an item" }]);
  const asked = { origin: ORIGIN, language: "en", next: null, asker: { key: "a" } } as const;
  await usersTable().requestSignUp({ user: { ...pending, email }, ...asked, kept: null });
  expect(await usersTable().confirm(pending.id, ORIGIN)).toBe("confirmed");
  const told = await runInDurableObject(usersTable(), (_, { storage }) =>
    storage.sql.exec("SELECT value FROM facts WHERE name = 'told_channels'").toArray(),
  );
  expect(told).toEqual([{ value: '["ntfy"]' }]);
});

it("What is told of a change has a link to where the change was made", async ({ expect }) => {
  const received = receiveAll();
  const { id } = await signUp(freshEmail(), { name: "Ada" });
  await patch(id, { name: "Grace" });
  await carriedOut();
  await idle("ntfy");
  const links = received
    .filter(({ host }) => host === "ntfy.example")
    .map(({ headers }) => headers["click"]);
  expect(links).toEqual([`${ORIGIN}/#users`, `${ORIGIN}/#users`]);
});
