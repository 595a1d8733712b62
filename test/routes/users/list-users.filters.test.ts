// The filters of GET /users, alone and together, against a plain reading of all users.
import { reset } from "cloudflare:test";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { User } from "../../../src/domain/records/users";
import {
  FIRST_MADE_AT,
  fitting,
  idOf,
  insertUsers,
  queryOf,
  someUser,
  walk,
} from "../../support/records";
import { letTimePass, restoreWorld, usersTable } from "../../support/users";

const VERDICTS = ["deliverable", "risky", "unknown"] as const;
type Verdict = (typeof VERDICTS)[number];
const CHECKS = {
  deliverable: { verdict: "deliverable", reason: "mail-server-found" },
  risky: { verdict: "risky", reason: "likely-typo" },
  unknown: { verdict: "unknown", reason: "dns-timeout" },
} as const;
const NAMES = ["Ada Lovelace", "ADA BYRON", "Zoë Müller", "Grace Hopper", "Ｊｏａｎ Clarke"];
const DAY_MS = 24 * 60 * 60_000;
const [COMMITTED, IMPORTED] = [300, 60];

const ALL: readonly User[] = Array.from({ length: COMMITTED + IMPORTED }, (_, n) => {
  const madeAt = FIRST_MADE_AT + (n < COMMITTED ? n * 1000 : -(n % 7) * DAY_MS);
  const created_at = new Date(madeAt).toISOString();
  return someUser(n, {
    name: `${NAMES[n % NAMES.length]} ${n}`,
    email_check: CHECKS[VERDICTS[Math.floor(n / 4) % 3] ?? "unknown"],
    confirmed_at: n % 11 < 3 ? created_at : null,
    created_at,
  });
});

beforeAll(async () => {
  await insertUsers(ALL.slice(0, COMMITTED));
  letTimePass(DAY_MS); // No alarm of theirs rings meanwhile.
  // Of an older table: made long before they were committed here.
  const imported = ALL.slice(COMMITTED).map((user) => ({
    json: JSON.stringify(user),
    importedBy: user.id,
  }));
  await usersTable().importRecords(imported);
});
afterAll(async () => {
  restoreWorld();
  await reset();
});

interface Filters {
  readonly email?: string | undefined;
  readonly verdict?: readonly Verdict[] | undefined;
  readonly confirmed?: boolean | undefined;
  readonly created_after?: string | undefined;
  readonly created_before?: string | undefined;
  readonly q?: string | undefined;
}

const fold = (text: string) => text.normalize("NFKC").toLowerCase();

type Fits = (user: User) => boolean;

/** The meaning of each filter, as a test of a user. */
const MEANINGS: { [Name in keyof Filters]-?: (value: NonNullable<Filters[Name]>) => Fits } = {
  email: (value) => (user) => fold(value).trim() === user.email,
  verdict: (values) => (user) => values.includes(user.email_check.verdict),
  confirmed: (value) => (user) => value === (user.confirmed_at !== null),
  created_after: (value) => (user) => Date.parse(user.created_at) > Date.parse(value),
  created_before: (value) => (user) => Date.parse(user.created_at) < Date.parse(value),
  q: (value) => (user) => fold(`${user.name}\n${user.email}`).includes(fold(value)),
};

/** The expected list: all users that pass the contract's meaning of each filter, one by one. */
function expected(filters: Filters, order: string): string[] {
  const left = fitting(ALL, filters, MEANINGS).map(({ id }) => id);
  return order === "asc" ? left : left.toReversed();
}

const listed = (filters: Filters, order: string, limit: number) =>
  walk(`/users?${queryOf(filters)}&order=${order}`, limit);

const instant = fc
  .integer({ min: -8 * DAY_MS, max: (COMMITTED + 5) * 1000 })
  .map((ms) => new Date(FIRST_MADE_AT + ms).toISOString());
const optional = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });
const anyFilters: fc.Arbitrary<Filters> = fc.record({
  email: fc.oneof(
    { weight: 5, arbitrary: fc.constant(undefined) },
    {
      weight: 1,
      arbitrary: fc.nat(COMMITTED + IMPORTED + 9).map((n) => `Person-${n}@EXAMPLE.com`),
    },
  ),
  verdict: optional(fc.array(fc.constantFrom(...VERDICTS), { minLength: 1, maxLength: 4 })),
  confirmed: optional(fc.boolean()),
  created_after: optional(instant),
  created_before: optional(instant),
  q: optional(
    fc.constantFrom(
      "ada",
      "ADA ",
      "zoe\u0308",
      "MÜLLER",
      "joan",
      "@example.com",
      "-11@",
      "ada\n",
      "x%y",
    ),
  ),
});

describe("filters of users", () => {
  const alone: Filters[] = [
    {},
    ...VERDICTS.map((verdict) => ({ verdict: [verdict] })),
    { verdict: ["risky", "unknown", "risky"] },
    { confirmed: true },
    { confirmed: false },
    { created_after: ALL[70]?.created_at },
    { created_before: ALL[70]?.created_at },
    { created_after: "2025-12-30T00:00:00+01:00", created_before: ALL[3]?.created_at },
    { q: "müller" },
    { email: "person-8@example.com" },
    { email: "person-8@example.com", verdict: ["risky"] },
    { email: "person-8@example.com", q: "ada" },
    { email: "person-9999@example.com" },
  ];
  it.for(alone)("alone leave who fits: %j", async (filters, { expect }) => {
    for (const order of ["asc", "desc"]) {
      expect(await listed(filters, order, 100)).toEqual(expected(filters, order));
    }
  });

  it("leave who fits all of them, page by page, in order, nobody twice", async ({ expect }) => {
    const order = fc.constantFrom("asc", "desc");
    await fc.assert(
      fc.asyncProperty(anyFilters, order, fc.integer({ min: 7, max: 100 }), async (...list) => {
        expect(await listed(...list)).toEqual(expected(list[0], list[1]));
      }),
      { numRuns: 120 },
    );
  });
});

it.for([
  "PERSON-8@example.com",
  "person-8@EXAMPLE.COM",
  " person-8@example.com ",
  '"person-8"@example.com',
  "ｐerson-8@example.com",
  "person-8@example。com",
])("A look-up finds the address however it is spelt: %s", async (email, { expect }) => {
  expect(await listed({ email }, "desc", 1)).toEqual([idOf(8)]);
});
