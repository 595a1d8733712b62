// A batch while it is put together, and the same as code.
import { describe, it } from "vitest";
import { describeBatch, emptyBatch, toNewBatch, withKind } from "../../src/console/batch-draft";
import { toCurl } from "../../src/console/snippets";

const ORIGIN = "https://api.example";
const PEOPLE = new File(["name,email\nAda,ada@example.com\n"], "my people.csv");

describe("another kind of batch", () => {
  it("has samples of its own in place of samples", ({ expect }) => {
    const { items } = withKind(emptyBatch(ORIGIN), "users", ORIGIN);

    expect(items.text).toContain("person-1@example.com");
  });

  it("leaves alone what somebody typed", ({ expect }) => {
    const items = { format: "lines", text: "mine" } as const;

    expect(
      withKind({ ...emptyBatch(ORIGIN), items, areSamples: false }, "users", ORIGIN).items,
    ).toEqual(items);
  });
});

describe("a batch of a file, as code", () => {
  const draft = {
    ...emptyBatch(ORIGIN),
    kind: "users",
    file: PEOPLE,
    notify: "ops, chat",
  } as const;
  const batch = toNewBatch({ ...draft, concurrency: "2", stopAfterFailures: "9" }, []);
  if ("fault" in batch) throw new Error(batch.fault);
  const { call, code } = describeBatch(batch);

  it("has the type of the file and all options for curl", ({ expect }) => {
    expect(toCurl(call, ORIGIN, false)).toBe(
      `# my people.csv is the file that you chose
curl -X POST 'https://api.example/batch-process?operation=users&notify=ops%2Cchat&concurrency=2&stop_after_failures=9' \\
  -H 'Content-Type: text/csv' \\
  --data-binary '@my people.csv'`,
    );
  });

  it("is spelt out for the client", ({ expect }) => {
    expect(code).toContain(`// my people.csv, as a page gets it from an <input type="file">
const [file] = document.querySelector("input[type=file]").files;
const batch = await client.batch({
  operation: "users",
  options: { concurrency: 2, stop_after_failures: 9 },
  notify: ["ops", "chat"],
  file,
});`);
  });

  it("is NDJSON unless its name says otherwise", ({ expect }) => {
    const other = { ...batch, file: new File([""], "people.ndjson") };

    const curl = toCurl(describeBatch(other).call, ORIGIN, false);

    expect(curl).toContain("-H 'Content-Type: application/x-ndjson'");
    expect(curl).toContain("--data-binary @people.ndjson");
  });
});

it("more items than JSON may have are shown as the NDJSON that is sent", ({ expect }) => {
  const items = Array.from({ length: 10_001 }, (_, index) => index);

  const curl = toCurl(describeBatch({ operation: "round", items }).call, ORIGIN, false);

  expect(curl).toContain("?operation=round'");
  expect(curl).toContain("-H 'Content-Type: application/x-ndjson'");
  expect(curl).toContain("--data-binary @body.ndjson");
});
