import * as fc from "fast-check";
import { it } from "vitest";
import { applyMergePatch } from "../../src/lib/merge-patch";

// RFC 7396, appendix A: original, patch, result.
it.for([
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', "{}"],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['["a","b"]', '["c","d"]', '["c","d"]'],
  ['{"a":"b"}', '["c"]', '["c"]'],
  ['{"a":"foo"}', "null", "null"],
  ['{"a":"foo"}', '"bar"', '"bar"'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ["[1,2]", '{"a":"b","c":null}', '{"a":"b"}'],
  ["{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
] as const)("merges %s with %s as RFC 7396 says", ([target, patch, result], { expect }) => {
  expect(applyMergePatch(JSON.parse(target), JSON.parse(patch))).toEqual(JSON.parse(result));
});

it("takes __proto__ for a member and pollutes nothing", ({ expect }) => {
  const merged = applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":1},"a":1}'));
  expect(JSON.stringify(merged)).toBe('{"__proto__":{"polluted":1},"a":1}');
  expect({}).not.toHaveProperty("polluted");
});

it("changes neither argument, and the same patch again changes nothing", ({ expect }) => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (target, patch) => {
      const before = JSON.stringify([target, patch]);
      const once = applyMergePatch(target, patch);
      expect(JSON.stringify([target, patch])).toBe(before);
      expect(applyMergePatch(once, patch)).toEqual(once);
    }),
  );
});
