// The pictures of docs/architecture.md, compared with the code that they show.
import { it } from "vitest";
import architecture from "../../docs/architecture.md?raw";
import { DELIVERY_TRANSITIONS } from "../../src/domain/notifications/channel-lifecycle";

it("The diagram of a delivery has the transitions of the code", ({ expect }) => {
  const section = /## A delivery\n+```mermaid\n(?<diagram>.*?)```/s.exec(architecture)?.groups;
  const drawn = [...(section?.["diagram"] ?? "").matchAll(/^ {2}(\w+) --> (\w+): (.+)$/gm)].map(
    ([, from, to, by]) => `${from} --> ${to}: ${by}`,
  );
  const coded = Object.entries(DELIVERY_TRANSITIONS).flatMap(([from, targets]) =>
    Object.entries(targets).map(([to, by]) => `${from} --> ${to}: ${by}`),
  );
  expect(drawn.toSorted()).toEqual(coded.toSorted());
});
