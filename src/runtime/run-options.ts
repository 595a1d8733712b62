import { v7 } from "uuid";
import type { RunOptions } from "../domain/operations";
import { readAsset } from "./assets";
import { yieldToOthers } from "./yield-to-others";

/** Dependencies of running pipelines of operations. */
export function createRunOptions(env: Env): RunOptions {
  return {
    yieldToOthers,
    readTable: (name) => readAsset(env, name),
    createUuid: (version) => (version === 7 ? v7() : crypto.randomUUID()),
  };
}
