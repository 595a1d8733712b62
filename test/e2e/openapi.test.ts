// The OpenAPI document and the API reference, as `npm start` serves them.
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { Validator } from "@seriousme/openapi-schema-validator";
import { beforeAll, describe, it } from "vitest";
import { sharedWorld, type World } from "../support/node/world";

let serentak: World["server"];
beforeAll(async () => {
  ({ server: serentak } = await sharedWorld());
});

interface Operation {
  readonly responses: Readonly<Record<string, { content?: Record<string, { examples?: object }> }>>;
}

describe("the OpenAPI document", () => {
  it("is valid by the official schema of OpenAPI 3.1", async ({ expect }) => {
    const document: object = await (await fetch(`${serentak.origin}/openapi.json`)).json();
    const validator = new Validator();
    expect(await validator.validate({ ...document })).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
    expect(await new Validator().validate({ ...document, paths: [] })).toMatchObject({
      valid: false,
    });
  });

  it("is valid by Redocly's rules, its examples by its schemas", async ({ expect }) => {
    // The linter lets nothing else run for seconds: a connection that is kept meanwhile would be closed by the server
    // while the next test sends over it.
    const closing = { headers: { Connection: "close" } };
    const source = await (await fetch(`${serentak.origin}/openapi.json`, closing)).text();
    const strict = { severity: "error", allowAdditionalProperties: true } as const;
    const config = await createConfig({
      extends: ["recommended-strict"],
      rules: {
        "no-invalid-media-type-examples": strict,
        "no-invalid-parameter-examples": strict,
        "no-invalid-schema-examples": strict,
      },
    });
    const found = await lintFromString({ source, config, absoluteRef: "openapi.json" });
    const pointers = found.map(({ message, location }) => [message, location[0]?.pointer ?? ""]);
    const refused = refusedExamples(JSON.parse(source));
    expect(refused.length).toBeGreaterThan(0);
    expect(
      pointers.filter(([, pointer]) => !refused.some((start) => pointer?.startsWith(start))),
    ).toEqual([]);
  });
});

/** Pointers to the example requests that show a refusal, and therefore need not fit the schema. */
function refusedExamples(document: { paths: Record<string, Record<string, Operation>> }): string[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]) =>
      Object.entries(responses)
        .filter(([status]) => status === "422")
        .flatMap(([, { content = {} }]) =>
          Object.keys(content["application/problem+json"]?.examples ?? {}).map(
            (name) =>
              `#/paths/${path.replaceAll("/", "~1")}/${method}/requestBody/content/application~1json/examples/${name}/`,
          ),
        ),
    ),
  );
}

it.for(["/", "/docs", "/client.js"])(
  "%s keeps what every reply promises",
  async (path, { expect }) => {
    const page = await fetch(serentak.origin + path);
    expect(page.status).toBe(200);
    expect(page.headers.get("Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(page.headers.get("X-Content-Type-Options")).toBe("nosniff");
    const refused = await fetch(serentak.origin + path, { method: "POST" });
    expect(refused.status).toBe(405);
    expect(refused.headers.get("Allow")).toBe("GET, HEAD, OPTIONS");
    expect(await refused.json()).toMatchObject({ code: "method-not-allowed", status: 405 });
  },
);

describe("/docs", () => {
  it("may run and load nothing but what the Worker serves", async ({ expect }) => {
    const { status, headers } = await fetch(`${serentak.origin}/docs`);
    expect(status).toBe(200);
    expect(headers.get("Content-Type")).toContain("text/html");
    const policy = headers.get("Content-Security-Policy")?.split("; ") ?? [];
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    // Its components put styles on their own elements.
    expect(policy).toContain("style-src 'self' 'unsafe-inline'");
    expect(policy.filter((part) => !part.startsWith("style-src")).join()).not.toMatch(
      /unsafe|https?:|\*/,
    );
  });

  it("names only files that are there, and can be kept for good", async ({ expect }) => {
    const page = await (await fetch(`${serentak.origin}/docs`)).text();
    const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? "");
    expect(files.every((path) => path.startsWith("/"))).toBe(true);
    const assets = files.filter((path) => path.startsWith("/assets/"));
    expect(assets).toHaveLength(2);
    for (const path of assets) {
      const { status, headers } = await fetch(serentak.origin + path);
      expect(status).toBe(200);
      expect(headers.get("Cache-Control")).toContain("immutable");
    }
  });
});
