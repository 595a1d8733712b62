// What every route that takes a body owes its callers, whatever it does with it. A new route is in this
// suite by being in the list.
import { describe, it } from "vitest";
import { MAX_BODY_BYTES, MAX_JSON_WEIGHT } from "../src/domain/platform";
import { loadRoutes } from "../src/routes";
import { expectProblem } from "./support/problem";
import { AUTHORIZATION, send } from "./support/worker";

const routes = await loadRoutes();

const SAMPLE_ID = "0190f5ac-7a5c-7c3e-8a3a-0123456789ab";
const JSON_TYPE = { "Content-Type": "application/json" };

const withBody = routes.filter(({ body }) => body !== undefined);

/** The names in a body's schema, whatever wraps it. */
function fieldsOf(schema: unknown): string[] {
  const { entries, wrapped }: { readonly entries?: object; readonly wrapped?: unknown } =
    Object(schema);
  return wrapped === undefined ? Object.keys(entries ?? {}) : fieldsOf(wrapped);
}

describe.each(withBody)("$method $path", (route) => {
  const path = route.path.replaceAll(/:\w+/g, SAMPLE_ID);
  const call = (init: RequestInit<IncomingRequestCfProperties>) =>
    send(path, { method: route.method, ...init });
  const post = (body: string) => call({ headers: { ...AUTHORIZATION, ...JSON_TYPE }, body });
  const limit = route.maxBodyBytes ?? MAX_BODY_BYTES;
  const fields = fieldsOf(route.body);

  it("refuses what is not JSON, saying so", async ({ expect }) => {
    const bodies = ["", "{", "{'a':1}", "nul", new Uint8Array([0x22, 0xff, 0x22])];
    for (const body of bodies) {
      const response = await call({ headers: { ...AUTHORIZATION, ...JSON_TYPE }, body });
      await expectProblem(expect, response, "malformed-json");
    }
  });

  it("refuses another media type, charset or encoding", async ({ expect }) => {
    const types = [
      { "Content-Type": "text/plain" },
      { "Content-Type": "application/json; charset=utf-16" },
      { "Content-Type": "application/json", "Content-Encoding": "gzip" },
    ];
    for (const headers of types) {
      const response = await call({ headers: { ...AUTHORIZATION, ...headers }, body: "{}" });
      await expectProblem(expect, response, "unsupported-media-type");
    }
  });

  it("refuses an unknown field and a wrong type, with pointers", async ({ expect }) => {
    const body = JSON.stringify({ no_such_field: 1, "a/b~c é": 2 });
    const response = await call({ headers: { ...AUTHORIZATION, ...JSON_TYPE }, body });
    const { errors = [] } = await expectProblem(expect, response, "invalid-body");
    const pointers = errors.map(({ pointer }) => pointer);
    expect(pointers).toContain("#/no_such_field");
    expect(pointers).toContain("#/a~1b~0c%20%C3%A9");
    for (const wrong of ["null", "1", '"text"', "[]", '{"__proto__":{"a":1}}']) {
      const refused = await call({ headers: { ...AUTHORIZATION, ...JSON_TYPE }, body: wrong });
      await expectProblem(expect, refused, "invalid-body");
    }
  });

  it("refuses more structure than memory holds, be it JSON or not", async ({ expect }) => {
    const bodies = [
      `{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`,
      `{"a":${"[".repeat(256)}${"]".repeat(256)}}`,
      "[".repeat(300),
      `[${"{},".repeat(MAX_JSON_WEIGHT / 5)}0]`,
    ];
    for (const body of bodies) await expectProblem(expect, await post(body), "body-too-large");
    const long = "x".repeat(300_000);
    const deep = `{"a":${"[".repeat(255)}${"]".repeat(255)},"long":"`;
    // As deep as may be, in a short body and in a long one.
    for (const text of ["", long])
      await expectProblem(expect, await post(`${deep}${text}"}`), "invalid-body");
    // Brackets in a text are none.
    await expectProblem(expect, await post(`{"a":"${"[".repeat(300)}"}`), "invalid-body");
  });

  it("refuses numbers that a double cannot hold, with their pointers", async ({ expect }) => {
    // A short body and a long one are read in different ways.
    for (const text of ["", "x".repeat(300_000)]) {
      const body = `{"a/b":[{"c":1e400},"1e400",9007199254740993],"n":-9007199254740992,"m":9007199254740991,"t":"${text}"}`;
      const { errors = [] } = await expectProblem(expect, await post(body), "invalid-body");
      const numbers = errors.filter(({ detail }) => detail.includes("send it as a string"));
      expect(numbers.map(({ pointer }) => pointer)).toEqual(["#/a~1b/0/c", "#/a~1b/2", "#/n"]);
    }
  });

  const texts = fields.filter((name) => /^(?:name|title|label|description)$/.test(name));
  it.for(texts)("refuses a %s that nobody can read", async (name, { expect }) => {
    const broken = name === "description" ? "\u000b" : "a\nb";
    for (const text of [
      "\u200b",
      "\u3164",
      "Ada \u202e",
      "Ada\u2028",
      "Ada\u0085",
      broken,
      " ",
      "",
    ]) {
      const response = await post(JSON.stringify({ [name]: text }));
      const { errors = [] } = await expectProblem(expect, response, "invalid-body");
      expect(
        errors.map(({ pointer }) => pointer),
        JSON.stringify(text),
      ).toContain(`#/${name}`);
    }
  });

  it("refuses a body that says it is too large, without reading it", async ({ expect }) => {
    const body = new Uint8Array(limit + 1).fill(0x20);
    const response = await call({ headers: { ...AUTHORIZATION, ...JSON_TYPE }, body });
    await expectProblem(expect, response, "body-too-large");
  });

  it("stops reading a body of unknown length at the limit", async ({ expect }) => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(0x20));
      },
    });
    const response = await call({ headers: { ...AUTHORIZATION, ...JSON_TYPE }, body });
    await expectProblem(expect, response, "body-too-large");
    expect(sent).toBeLessThan(limit + 10 * 65_536);
  });
});
