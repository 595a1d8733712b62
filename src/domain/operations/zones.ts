// Zones of IANA's database and fixed offsets, whose clocks the platform's Intl tells.
import { ItemError } from "./errors";

/** A zone of time. */
export interface Zone {
  readonly name: string;
  /** Milliseconds that its clocks are ahead of UTC at an instant. Throws a RangeError for one that there is not. */
  offsetAt(instant: number): number;
}

const UTC: Zone = { name: "UTC", offsetAt: () => 0 };
/**
 * Zones that were asked for, by their names and by these in lower case. All are kept, some hundreds of 30 kB at most: V8
 * does not see the platform's memory of one that is given up, and a list that names many zones would take gigabytes.
 */
const known = new Map([UTC.name, "utc"].map((name) => [name, UTC]));

/** Returns a zone by its name, or by its offset such as `+02:00`. Throws a RangeError where there is none. */
export function zoneOf(name: string): Zone {
  const same = known.get(name);
  if (same?.name === name) return same;
  // Names are ASCII, while lower case makes some of other characters.
  if (/[^!-~]/.test(name)) throw new RangeError("No such zone");
  const fixed = FIXED.exec(name);
  if (fixed !== null) return fixedZone(fixed);
  const key = name.toLowerCase();
  const zone = known.get(key) ?? createZone(name);
  known.set(key, zone);
  if (zone.name.toLowerCase() !== key) return { ...zone, name };
  known.set(zone.name, zone);
  return zone;
}

/** The name of an offset. */
const FIXED = /^([+-])([01]\d|2[0-3])(?::?([0-5]\d))?$/;

function fixedZone([, sign = "+", hours = "", minutes = "00"]: RegExpExecArray): Zone {
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000;
  const name = `${offset === 0 ? "+" : sign}${hours}:${minutes}`;
  return { name, offsetAt: () => (sign === "-" ? -offset : offset) };
}

function createZone(name: string): Zone {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  return {
    // The platform may tell another name of the zone.
    name: format.resolvedOptions().timeZone,
    offsetAt: (instant) => millisecondsOf(format.format(instant)),
  };
}

/** Offsets of the time before zones have seconds. */
const OFFSET = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/;

function millisecondsOf(written: string): number {
  const found = OFFSET.exec(written);
  if (found === null) throw new ItemError("invalid-value", `No offset in ${written}`);
  const [, sign, hours, minutes, seconds = "0"] = found;
  const offset = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return (sign === "-" ? -1000 : 1000) * offset;
}
