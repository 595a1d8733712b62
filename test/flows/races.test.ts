// Many at once: of those who want the same, one has it.
import { describe, it } from "vitest";
import {
  call,
  create,
  createMany,
  KINDS,
  list,
  onEachPlatform,
  type Shown,
  shownIn,
  textIn,
  USERS,
} from "./platforms";

/** Counts responses by status. */
function tally(responses: readonly Response[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of responses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** The canonical address in one of eight spellings. */
function spelling(at: number): string {
  const local = at % 2 === 0 ? "ada.lovelace" : "Ada.LoveLace";
  const domain = [
    "bücher.example.com",
    "BÜCHER.example.com",
    "xn--bcher-kva.example.com",
    "bu\u0308cher.EXAMPLE.com",
  ];
  return `${local}@${domain[Math.floor(at / 2) % 4]}`;
}

function signUp(email: string): Promise<Response> {
  return call("POST", "/users", { name: "Ada", email });
}

function moveTo(email: string, { id }: Shown, headers = {}): Promise<Response> {
  return call("PATCH", `/users/${id}`, { email }, headers);
}

onEachPlatform((worldOfTest) => {
  describe("an e-mail", () => {
    it("is one person's, of 200 who sign up with it in different spellings at once", async ({
      expect,
    }) => {
      const attempts = Array.from({ length: 200 }, (_, at) => signUp(spelling(at)));
      expect(tally(await Promise.all(attempts))).toEqual({ 201: 1, 409: 199 });
      expect(await list("users")).toHaveLength(1);
    });

    it("is one person's, of many who change to it or sign up with it at once", async ({
      expect,
    }) => {
      const ids = await createMany(USERS, 20);
      const attempts = ids.map((id) => moveTo(spelling(0), { id, version: 1 }));
      const signUps = Array.from({ length: 20 }, (_, at) => signUp(spelling(at)));
      const {
        200: moved = 0,
        201: made = 0,
        409: taken,
      } = tally(await Promise.all([...attempts, ...signUps]));
      expect({ had: moved + made, taken }).toEqual({ had: 1, taken: 39 });
      const found = await list("users", `email=${encodeURIComponent(spelling(3))}`);
      expect(found).toHaveLength(1);
    });

    it("is not to be swapped by two at once, but by way of a third one", async ({ expect }) => {
      const [one, two] = [await create(USERS), await create(USERS)];
      const [first, second] = [String(one["email"]), String(two["email"])];
      const attempts = [moveTo(second, one), moveTo(first, two)];
      expect(tally(await Promise.all(attempts))).toEqual({ 409: 2 });
      await shownIn(await moveTo("third@example.com", one), 200);
      await shownIn(await moveTo(first, two), 200);
      await shownIn(await moveTo(second, one), 200);
      await worldOfTest().elapse(5000);
      const copy = worldOfTest().kv.published("USERS");
      const emailIn = (id: string): unknown => JSON.parse(String(copy.get(id)?.value)).email;
      expect([emailIn(one.id), emailIn(two.id)]).toEqual([second, first]);
    });

    it("is free as soon as its user is deleted or has another", async ({ expect }) => {
      const made = await shownIn(await signUp("free@example.com"), 201);
      await shownIn(await moveTo("other@example.com", made), 200);
      const again = await shownIn(await signUp("Free@example.com"), 201);
      await textIn(await call("DELETE", `/users/${again.id}`), 204);
      await shownIn(await moveTo("FREE@example.com", made), 200);
      expect(await list("users", "email=free%40example.com")).toMatchObject([{ id: made.id }]);
    });
  });

  describe.each(KINDS)("of $kind", ({ kind, body, field }) => {
    it("50 equal requests with one key are one record", async ({ expect }) => {
      const same = body();
      const attempt = () => call("POST", `/${kind}`, same, { "Idempotency-Key": "one" });
      const responses = await Promise.all(Array.from({ length: 50 }, attempt));
      const { 201: made = 0, 409: running = 0 } = tally(responses);
      expect(made).toBeGreaterThan(0);
      expect(made + running).toBe(50);
      const replay = await attempt();
      expect(replay.headers.get("Idempotency-Replayed")).toBe("true");
      expect(await list(kind)).toMatchObject([{ id: (await shownIn(replay, 201)).id }]);
    });

    it("each of 50 changes at once is kept, and of those of one version one is made", async ({
      expect,
    }) => {
      const { id } = await shownIn(await call("POST", `/${kind}`, body()), 201);
      const changes = Array.from({ length: 50 }, (_, at) => ({
        metadata: { [`field_${at}`]: at },
      }));
      const all = changes.map((change) => call("PATCH", `/${kind}/${id}`, change));
      expect(tally(await Promise.all(all))).toEqual({ 200: 50 });
      const changed = await shownIn(await call("GET", `/${kind}/${id}`), 200);
      expect(Object.keys(Object(changed["metadata"]))).toHaveLength(50);
      const ofOne = changes.map((_, at) =>
        call("PATCH", `/${kind}/${id}`, { [field]: `Change ${at}` }, { "If-Match": '"51"' }),
      );
      expect(tally(await Promise.all(ofOne))).toEqual({ 200: 1, 412: 49 });
    });
  });
});
