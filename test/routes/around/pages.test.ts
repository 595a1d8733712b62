// Pages for browsers: assets sent with the headers that the build wrote.
import { describe, expect, it } from "vitest";
import { expectProblem } from "../../support/problem";
import { loadRoutes } from "../../../src/routes";
import { ORIGIN, send } from "../../support/worker";

const routes = await loadRoutes();

describe.each(["/", "/docs", "/client.js"])("%s", (path) => {
  it("is not sent again to whoever has it", async () => {
    const first = await send(path);
    expect(first.status).toBe(200);
    const tag = first.headers.get("ETag") ?? "";

    for (const known of [tag, `W/${tag}`, `"another", ${tag}`, "*"]) {
      const again = await send(path, { headers: { "If-None-Match": known } });
      expect(again.status).toBe(304);
      expect(again.headers.get("ETag")).toBe(tag);
      expect(await again.text()).toBe("");
    }

    const other = await send(path, { headers: { "If-None-Match": '"another"' } });
    expect(other.status).toBe(200);
  });

  it("takes GET, HEAD and OPTIONS, and says so", async () => {
    for (const method of ["POST", "PUT", "DELETE"]) {
      const response = await send(path, { method, headers: { Origin: "https://site.example" } });
      await expectProblem(expect, response, "method-not-allowed");
      expect(response.headers.get("Allow")).toBe("GET, HEAD, OPTIONS");
      expect(response.headers.get("Access-Control-Allow-Origin")).toBe("https://site.example");
    }
  });
});

it.each(["/index.html", "/docs.html", "/client", "/_headers"])(
  "%s is no address of a page",
  async (path) => {
    await expectProblem(expect, await send(path), "not-found");
  },
);

it.each(["/", "/docs"])("%s runs what comes from here, and nothing else", async (path) => {
  const policy = (await send(path)).headers.get("Content-Security-Policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
  // The components of the reference put styles on their own elements.
  expect(policy.replace("style-src 'self' 'unsafe-inline';", "")).not.toContain("unsafe");
});

it("What a page loads can be kept for good; what is not there is refused like all else", async () => {
  const page = await (await send("/")).text();
  const [, script = ""] = /<script type="module" src="([^"]+)"/.exec(page) ?? [];
  const file = await send(script);
  expect(file.status).toBe(200);
  expect(file.headers.get("Content-Type")).toContain("javascript");
  expect(file.headers.get("Cache-Control")).toContain("immutable");
  expect(file.headers.get("Request-Id")).not.toBeNull();

  const missing = await send("/assets/console/none.js");
  await expectProblem(expect, missing, "not-found");
  expect(missing.headers.get("Cache-Control")).toBe("no-store");
  const posted = await send(script, { method: "POST" });
  await expectProblem(expect, posted, "method-not-allowed");
  expect(posted.headers.get("Allow")).toBe("GET, HEAD, OPTIONS");
});

it.each(["/favicon.ico", "/robots.txt", "/llms.txt", "/.well-known/security.txt"])(
  "%s is there for whoever asks, with any query",
  async (path) => {
    const response = await send(`${path}?utm_source=a`);
    expect(response.status).toBe(200);
    const head = await send(path, { method: "HEAD" });
    expect(head.headers.get("Content-Type")).toBe(response.headers.get("Content-Type"));
  },
);

it("Crawlers may read the documentation alone", async () => {
  const text = await (await send("/robots.txt")).text();
  expect(text.split("\n")).toEqual(
    expect.arrayContaining(["User-agent: *", "Allow: /docs", "Disallow: /"]),
  );
});

it("llms.txt lists every route under this deployment's address", async () => {
  const text = await (
    await send("/llms.txt", {}, { PUBLIC_URL: "https://api.example.org" })
  ).text();
  expect(text).toContain("](https://api.example.org/openapi.json)");
  for (const { method, path } of routes) expect(text).toContain(`\`${method} ${path}\``);
  expect(text).not.toContain("{origin}");
});

it("security.txt has a contact, and an end within a year", async () => {
  const own = await (await send("/.well-known/security.txt")).text();
  expect(own).toContain(`Contact: ${ORIGIN}/\n`);
  const vars = { SECURITY_CONTACT: "mailto:security@example.com" };
  const text = await (await send("/.well-known/security.txt", {}, vars)).text();
  expect(text).toContain("Contact: mailto:security@example.com\n");
  const [, expires = ""] = /^Expires: (.*)$/m.exec(text) ?? [];
  const days = (Date.parse(expires) - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(1);
  expect(days).toBeLessThan(365);
});
