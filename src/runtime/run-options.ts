// Dependencies of operations on the runtime.
import { v7 } from "uuid";
import type { RunOptions } from "../domain/operations";
import { readAsset, type AssetsEnv } from "./assets";
import { yieldToOthers } from "./yield-to-others";

/** Dependencies of running pipelines of operations, and the most bytes that a step may hold, if less than usual. */
export function createRunOptions(env: AssetsEnv, mostHeld?: number): RunOptions {
  return {
    mostHeld,
    yieldToOthers,
    readTable: (name) => readAsset(env, name),
    createUuid,
  };
}

const createUuid = (version: 4 | 7) => (version === 7 ? v7() : crypto.randomUUID());
