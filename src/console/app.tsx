// The frame of the console: header, token, and navigation between the panels.
import type { FunctionComponent, VNode } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { OperationInfo } from "../client";
import { Activity } from "./panels/activity";
import { Batches } from "./panels/batches";
import { Retrieve } from "./panels/retrieve";
import { Tasks } from "./panels/tasks";
import { Transform } from "./panels/transform";
import { Users } from "./panels/users";
import { TokenField } from "./parts/token-field";
import { connect, SessionContext, storedToken, storeToken } from "./session";
import { useHash } from "./use-hash";
import { useLatest } from "./use-latest";

interface Job {
  /** The part of the address after `#`. */
  readonly id: string;
  readonly name: string;
  readonly View: FunctionComponent;
}

const RETRIEVE: Job = { id: "retrieve", name: "Retrieve", View: Retrieve };
const JOBS: readonly Job[] = [
  RETRIEVE,
  { id: "transform", name: "Transform", View: Transform },
  { id: "users", name: "Sign up", View: Users },
  { id: "tasks", name: "Tasks", View: Tasks },
  { id: "batches", name: "Batches", View: Batches },
  { id: "activity", name: "Activity", View: Activity },
];

/** The whole page. */
export function App(): VNode {
  const [token, setToken] = useState(storedToken);
  const client = useMemo(() => connect(token), [token]);
  const [operations, start] = useLatest<OperationInfo[]>();
  const [check, startCheck] = useLatest<true>();
  const checkAgain = useCallback(() => {
    startCheck(async (signal) => {
      await client.users.page({ limit: 1 }, { signal });
      return true;
    });
  }, [client, startCheck]);
  const session = useMemo(
    () => ({ token, setToken, check, checkAgain, client, operations }),
    [token, check, checkAgain, client, operations],
  );
  // With the page: whoever sees that a token is forgotten may close the tab at once.
  useLayoutEffect(() => storeToken(token), [token]);
  useEffect(() => {
    if (token !== "") checkAgain();
  }, [token, checkAgain]);
  useEffect(() => start((signal) => client.operations({ signal })), [client, start]);
  const hash = useHash();
  const job = JOBS.find(({ id }) => id === hash) ?? RETRIEVE;
  useEffect(() => {
    document.title = `${job.name} – Serentak`;
  }, [job.name]);
  const seen = useRef(new Set<string>());
  seen.current.add(job.id);
  return (
    <SessionContext.Provider value={session}>
      <PageHeader current={job} />
      <main>
        {/* What was seen stays, so that work goes on and input is kept while another job is shown. */}
        {JOBS.map(({ id, name, View }) => (
          <section key={id} aria-label={name} hidden={id !== job.id}>
            {seen.current.has(id) && <View />}
          </section>
        ))}
      </main>
      <PageFooter />
    </SessionContext.Provider>
  );
}

function PageHeader({ current }: { current: Job }): VNode {
  return (
    <header class="page">
      <button type="button" class="skip" onClick={focusJob}>
        Skip to the job
      </button>
      <div class="brand">
        <Mark />
        <h1>Serentak</h1>
        <p>all at once</p>
      </div>
      <TokenField />
      <nav aria-label="Jobs">
        {JOBS.map(({ id, name }) => (
          <a key={id} href={`#${id}`} aria-current={id === current.id ? "page" : undefined}>
            {name}
          </a>
        ))}
      </nav>
    </header>
  );
}

/** The logo: three bars with a common start. */
function Mark(): VNode {
  return (
    <svg class="mark" viewBox="0 0 18 14" width="27" height="21" aria-hidden="true">
      <rect x="0" y="0" width="18" height="3.6" rx="1.8" />
      <rect x="0" y="5.2" width="11" height="3.6" rx="1.8" />
      <rect x="0" y="10.4" width="14" height="3.6" rx="1.8" />
    </svg>
  );
}

function PageFooter(): VNode {
  return (
    <footer>
      <a href="/docs">API reference</a>
      <a href="/openapi.json">OpenAPI</a>
      <a href="/client.js">Browser client</a>
      <a href="/health">Health</a>
    </footer>
  );
}

/**
 * Moves the focus to the heading of the shown panel, so that keyboard users need not tab through the header.
 */
function focusJob(): void {
  document.querySelector<HTMLElement>("main > section:not([hidden]) h2")?.focus();
}
