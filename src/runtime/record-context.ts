// Dependencies of the actions on records.
import { v7 } from "uuid";
import type { RecordContext } from "../domain/records/context";
import { readConfig } from "../env";
import type { AssetsEnv } from "./assets";
import { createEmailChecker } from "./email-checker";
import { tasksIn, usersIn, type TablesEnv } from "./tables";

type RecordEnv = TablesEnv & AssetsEnv;
type Caller = Pick<RecordContext, "hasToken" | "origin" | "asker" | "language">;

/** Context of one invocation's actions on records, for this caller. Each needs but a few of its parts. */
export class Records implements RecordContext {
  readonly newId = v7;
  readonly now = Date.now;
  readonly #env: RecordEnv;
  readonly #caller: Caller;
  #checkEmail: RecordContext["checkEmail"] | undefined;

  constructor(env: RecordEnv, caller: Caller) {
    this.#env = env;
    this.#caller = caller;
  }

  get users(): RecordContext["users"] {
    return usersIn(this.#env);
  }

  get tasks(): RecordContext["tasks"] {
    return tasksIn(this.#env);
  }

  /** One for all, so that together they use no more connections than an invocation has. */
  get checkEmail(): RecordContext["checkEmail"] {
    return (this.#checkEmail ??= createEmailChecker(this.#env));
  }

  get channels(): RecordContext["channels"] {
    return readConfig(this.#env).config.channels;
  }

  get hasToken(): boolean {
    return this.#caller.hasToken;
  }

  get asksToConfirm(): boolean {
    return readConfig(this.#env).config.signUp === "confirmed" && !this.hasToken;
  }

  get asker(): RecordContext["asker"] {
    return this.#caller.asker;
  }

  get language(): RecordContext["language"] {
    return this.#caller.language;
  }

  get origin(): string {
    return this.#caller.origin;
  }
}
