// The documented webhooks: every event has one, and its example is what its schema says.
import * as v from "valibot";
import { describe, it } from "vitest";
import { toPayload } from "../../src/domain/notifications/deliver";
import { EVENT_TYPES } from "../../src/domain/notifications/events";
import { examples, payloadOf, payloads } from "../../src/reference/webhooks";
import { send } from "../support/worker";

describe.each(EVENT_TYPES)("%s", (type) => {
  it("is documented with an example that fits", async ({ expect }) => {
    const example: unknown = JSON.parse(toPayload(examples[type]));
    expect(v.parse(payloads[payloadOf[type]], example)).toEqual(example);
    const document = v.parse(
      v.object({ webhooks: v.record(v.string(), v.object({ post: v.looseObject({}) })) }),
      await (await send("/openapi.json")).json(),
    );
    expect(JSON.stringify(document.webhooks[type])).toContain(JSON.stringify(example));
  });
});
