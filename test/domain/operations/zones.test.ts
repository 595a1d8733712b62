// Zones by their names, as the texts of callers spell them.
import { it, vi } from "vitest";
import { oneOutput, outputOf, run } from "./run-operation";

it("the platform is asked for a zone once, however texts spell it", async ({ expect }) => {
  const spellings = [
    "Antarctica/Troll",
    "antarctica/troll",
    "ANTARCTICA/Troll",
    "antarctica/TROLL",
    "+05:45",
    "+0545",
  ];
  const made = vi.spyOn(Intl, "DateTimeFormat");
  try {
    const texts = spellings.map((zone) => `2024-07-01T12:00[${zone}]`);
    await outputOf("date_parse", texts);
    expect(await outputOf("date_parse", texts)).toEqual([
      ...Array<string>(4).fill("2024-07-01T10:00:00.000Z"),
      ...Array<string>(2).fill("2024-07-01T06:15:00.000Z"),
    ]);
    // Not at all, if another test has named the zone.
    expect(made.mock.calls.length).toBeLessThan(2);
  } finally {
    made.mockRestore();
  }
});

it("a zone is written as the caller does where the platform has another name", async ({
  expect,
}) => {
  const names = ["ASIA/katmandu", "Asia/Kathmandu", "europe/berlin", "-0030", "Asia/Katmandu"];
  const written = await Promise.all(
    names.map((zone) => oneOutput({ name: "date_format", format: "VV", zone }, 0)),
  );
  expect(written[0]?.toString().toLowerCase()).toBe("asia/katmandu");
  expect(written.slice(1)).toEqual(["Asia/Kathmandu", "Europe/Berlin", "-00:30", "Asia/Katmandu"]);
  await expect(run({ name: "date_parse", zone: "Asia/To\u212ayo" }, [0])).rejects.toThrow();
});
