// The interface of the files in `scenarios/`, so that the command knows nothing about any of them.

/** Amount of measuring. */
export interface Effort {
  readonly rounds: number;
  /** Processes that each peer is measured in, where peers are compared. */
  readonly starts: number;
  /** Requests to each peer in each round. */
  readonly requests: number;
  /** Absolute path of a checkout of another version, built, that `posts` compares with as well. */
  readonly against: string | null;
}

/** A promise about a number. */
export interface Target {
  readonly what: string;
  readonly atMost: number;
  readonly measured: number;
}

/** Results of a scenario. */
export interface Report {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly targets: readonly Target[];
  /** Explanation of the comparison, if the title is not enough. */
  readonly notes?: readonly string[];
  /** The raw numbers by series, for `--json`. */
  readonly samples: Readonly<Record<string, readonly number[]>>;
}

/** One question and how it is answered. */
export interface Scenario {
  /** As the command line names it. */
  readonly name: string;
  readonly title: string;
  run(effort: Effort): Promise<Report>;
}
