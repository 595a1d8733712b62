// The life of a record through the public door: what was acknowledged is there at once, everywhere.
import { describe, it } from "vitest";
import {
  call,
  create,
  exportedIds,
  KINDS,
  list,
  onEachPlatform,
  shownIn,
  textIn,
  TASKS,
  USERS,
} from "./platforms";

const EXPORTS = ["application/x-ndjson", "text/csv"];

onEachPlatform((worldOfTest) => {
  describe.each(KINDS)("a record of $kind", (kind) => {
    const { kind: path, field } = kind;

    it("is read, changed, listed and exported as soon as it is made", async ({ expect }) => {
      const made = await create(kind);
      expect(await shownIn(await call("GET", `/${path}/${made.id}`), 200)).toEqual(made);
      expect(await list(path)).toMatchObject([{ id: made.id, version: 1 }]);

      const patched = await call("PATCH", `/${path}/${made.id}`, { [field]: "Changed" });
      const changed = await shownIn(patched, 200);
      expect(changed).toMatchObject({ id: made.id, version: 2, [field]: "Changed" });
      expect(await shownIn(await call("GET", `/${path}/${made.id}`), 200)).toEqual(changed);
      expect(await list(path)).toMatchObject([{ id: made.id, version: 2, [field]: "Changed" }]);
      for (const mediaType of EXPORTS)
        expect(await exportedIds(path, mediaType)).toEqual([made.id]);
    });

    it("is gone from everywhere as soon as it is deleted", async ({ expect }) => {
      const stays = await create(kind);
      const goes = await create(kind);
      await shownIn(await call("GET", `/${path}/${goes.id}`), 200);
      await textIn(await call("DELETE", `/${path}/${goes.id}`), 204);

      await textIn(await call("GET", `/${path}/${goes.id}`), 404);
      await textIn(await call("PATCH", `/${path}/${goes.id}`, { [field]: "Ghost" }), 404);
      await textIn(await call("DELETE", `/${path}/${goes.id}`), 404);
      expect(await list(path)).toMatchObject([{ id: stays.id }]);
      for (const mediaType of EXPORTS)
        expect(await exportedIds(path, mediaType)).toEqual([stays.id]);
    });

    it("takes each ETag that a reply gave, and none that is older", async ({ expect }) => {
      const posted = await call("POST", `/${path}`, kind.body());
      const { id } = await shownIn(posted.clone(), 201);
      let tag = posted.headers.get("ETag") ?? "";
      for (const value of ["One", "Two", "Three"]) {
        const before = tag;
        const response = await call(
          "PATCH",
          `/${path}/${id}`,
          { [field]: value },
          { "If-Match": tag },
        );
        await textIn(response, 200);
        tag = response.headers.get("ETag") ?? "";
        expect(tag).not.toBe(before);
        const late = { "If-Match": before };
        await textIn(await call("PATCH", `/${path}/${id}`, { [field]: "Late" }, late), 412);
        await textIn(await call("DELETE", `/${path}/${id}`, undefined, late), 412);
        const known = await call("GET", `/${path}/${id}`, undefined, { "If-None-Match": tag });
        await textIn(known, 304);
      }
      await textIn(await call("DELETE", `/${path}/${id}`, undefined, { "If-Match": tag }), 204);
    });

    it("stands in lists newest first, with what was made while they are read", async ({
      expect,
    }) => {
      const ids: string[] = [];
      for (let made = 0; made < 25; made += 1) ids.push((await create(kind)).id);
      expect((await list(path)).map(({ id }) => id)).toEqual(ids.toReversed());
      expect((await list(path, "order=asc")).map(({ id }) => id)).toEqual(ids);
    });
  });

  describe("a user who signed up a moment ago", () => {
    it("is the assignee of a new task and of a changed one", async ({ expect }) => {
      const { id: assignee_id } = await create(USERS);
      await create(TASKS, { assignee_id });
      const { id } = await create(TASKS);
      await shownIn(await call("PATCH", `/tasks/${id}`, { assignee_id }), 200);
      expect(await list("tasks", `assignee_id=${assignee_id}`)).toHaveLength(2);
    });

    it("is taken off the tasks when deleted, and no assignee any more", async ({ expect }) => {
      const { id: assignee_id } = await create(USERS);
      const filed = await create(TASKS, { assignee_id });
      await textIn(await call("DELETE", `/users/${assignee_id}`), 204);
      await textIn(await call("POST", "/tasks", { title: "Late", assignee_id }), 422);
      await textIn(await call("PATCH", `/tasks/${filed.id}`, { assignee_id }), 422);
      await worldOfTest().settled();
      const after = await shownIn(await call("GET", `/tasks/${filed.id}`), 200);
      expect(after).toMatchObject({ assignee_id: null, version: 2 });
    });
  });
});
