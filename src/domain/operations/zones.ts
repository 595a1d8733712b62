// Zones of IANA's database and fixed offsets, whose clocks the platform's Intl tells.
import { ItemError } from "./errors";

/** A zone of time. */
export interface Zone {
  readonly name: string;
  /** Milliseconds that its clocks are ahead of UTC at an instant. Throws a RangeError for one that there is not. */
  offsetAt(instant: number): number;
}

const UTC: Zone = { name: "UTC", offsetAt: () => 0 };
/** The zones that are known, the first asked for first. */
const known = new Map([[UTC.name, UTC]]);
/** Each keeps some kilobytes of the platform's. */
const MAX_KNOWN = 32;

/** Returns a zone by its name, or by its offset such as `+02:00`. Throws a RangeError where there is none. */
export function zoneOf(name: string): Zone {
  const zone = known.get(name) ?? createZone(name);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(name, zone);
  return zone;
}

function createZone(name: string): Zone {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  const { timeZone } = format.resolvedOptions();
  // The platform may tell another name of the zone.
  const isOwn = /^[+-]/.test(name) || timeZone.toLowerCase() === name.toLowerCase();
  return {
    name: isOwn ? timeZone : name,
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
