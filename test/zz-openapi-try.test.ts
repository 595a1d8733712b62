import { it } from "vitest";
import { send } from "./support/worker";
it("x", async ({ expect }) => {
  const t = performance.now();
  const r = await send("/openapi.json");
  const text = await r.text();
  console.log("DOC" + text.length + " " + (performance.now() - t));
  await fetch("http://127.0.0.1:9977/", { method: "POST", body: text });
  expect(r.status).toBe(200);
  const t2 = performance.now();
  const { createOpenApi } = await import("../src/http/openapi");
  const { routes } = await import("../src/routes");
  const { nouns } = await import("../src/routes/nouns");
  for (let i = 0; i < 20; i++) JSON.stringify(createOpenApi(routes, nouns, "1"));
  console.log("MS " + (performance.now() - t2) / 20);
  expect(1).toBe(2);
});
