// Promises that the server made during a soak, and requests that it did not answer.

/** A creation under an Idempotency-Key. */
export interface KeyedSignUp {
  readonly key: string;
  readonly email: string;
  readonly name: string;
  readonly id: string;
}

/** A batch that was acknowledged. */
export interface AcknowledgedBatch {
  readonly id: string;
  readonly total: number;
  /** Returns the expected output of item `index`; null if it is not known. */
  readonly outputOf: ((index: number) => unknown) | null;
  /** Addresses that its items sign up. */
  readonly emails: readonly string[];
}

/** All promises, by what they are about. */
export class Ledger {
  /** Ids of 201s by e-mail: more than one is a broken promise. */
  readonly users = new Map<string, string[]>();
  /** E-mails of all sign-ups that were sent, answered or not. */
  readonly attempted = new Set<string>();
  /** The last acknowledged version of each task. */
  readonly tasks = new Map<string, number>();
  readonly batches: AcknowledgedBatch[] = [];
  readonly keyed: KeyedSignUp[] = [];
  /** Answers of the Worker that no caller should get. */
  readonly faults: string[] = [];

  addUser(email: string, id: string): void {
    this.users.set(email, [...(this.users.get(email) ?? []), id]);
  }

  describe(): string {
    return `${this.users.size} users, ${this.tasks.size} tasks, ${this.batches.length} batches`;
  }
}
