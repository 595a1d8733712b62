// The pictures of docs/architecture.md, compared with the code that they show.
import { it } from "vitest";
import architecture from "../../docs/architecture.md?raw";
import { JOB_TRANSITIONS } from "../../src/domain/jobs/transitions";
import { DELIVERY_TRANSITIONS } from "../../src/domain/notifications/channel-lifecycle";

/** The transitions that are drawn under a heading. */
function drawnUnder(heading: string): string[] {
  const [, after = ""] = architecture.split(`\n## ${heading}\n`);
  const diagram = /```mermaid\n(?<diagram>.*?)```/s.exec(after)?.groups?.["diagram"] ?? "";
  return [...diagram.matchAll(/^ {2}(\S+) --> (\S+): (.+)$/gm)].map(
    ([, from, to, by]) => `${from} --> ${to}: ${by}`,
  );
}

it("The diagram of a delivery has the transitions of the code", ({ expect }) => {
  // The ends are drawn, and are none of its states.
  const drawn = drawnUnder("A delivery").filter((line) => !line.includes("[*]"));
  const coded = Object.entries(DELIVERY_TRANSITIONS).flatMap(([from, targets]) =>
    Object.entries(targets).map(([to, by]) => `${from} --> ${to}: ${by}`),
  );
  expect(drawn.toSorted()).toEqual(coded.toSorted());
});

it("The diagram of a batch has the transitions of the code", ({ expect }) => {
  const drawn = drawnUnder("A batch");
  const coded = Object.entries(JOB_TRANSITIONS).flatMap(([from, targets]) =>
    Object.entries(targets).map(
      ([to, by]) => `${from === "new" ? "[*]" : from} --> ${to === "gone" ? "[*]" : to}: ${by}`,
    ),
  );
  expect(drawn.toSorted()).toEqual(coded.toSorted());
});
