// The panel for sign-ups: shows the verdict on an address, and the list of users.
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { ConfirmationSent, NewUser, User } from "../../client";
import { Field } from "../parts/field";
import { Panel } from "../parts/panel";
import { ProblemNote } from "../parts/problem-note";
import { UserList } from "../parts/user-list";
import { Verdict } from "../parts/verdict";
import { faultsAt, type Problem } from "../problem";
import { addRecent } from "../recent";
import { useSession } from "../session";
import { type Sent, toCode } from "../snippets";
import { useLatest } from "../use-latest";

/** The values of the form. */
interface Draft {
  readonly name: string;
  readonly email: string;
  readonly age: string;
}

const EMPTY: Draft = { name: "", email: "", age: "" };

/** The form of POST /users and the list of users. */
export function Users(): VNode {
  const { client } = useSession();
  const [draft, setDraft] = useState(EMPTY);
  const [{ isBusy, value, problem }, start] = useLatest<User | ConfirmationSent>();
  const [recent, setRecent] = useState<readonly User[]>([]);
  const [sent, setSent] = useState<Sent | null>(null);

  /** Signs up. An address that looks misspelt is asked about first, so that a slip makes no user. */
  const signUp = (wanted: Draft, refuseTypos: boolean): void => {
    setDraft(wanted);
    const body = toBody(wanted);
    const options = refuseTypos ? ", { refuseTypos: true }" : "";
    setSent({
      call: {
        method: "POST",
        path: "/users",
        body,
        ...(refuseTypos && { headers: { prefer: "handling=strict" } }),
      },
      code: `const user = await client.users.create(${toCode(body)}${options});`,
    });
    start(async () => {
      const user = await client.users.create(body, { refuseTypos });
      if ("id" in user) setRecent((others) => addRecent(others, user));
      return user;
    });
  };
  const suggestion = suggestionOf(problem);
  const isDoubt = problem?.["reason"] === "likely-typo";
  return (
    <Panel
      title="Sign people up"
      endpoint="POST /users"
      about="The address is checked while you wait, within a second and a half: spelling, mail servers, disposable domains. One e-mail, one user."
      form={
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            signUp(draft, true);
          }}
        >
          <DraftFields draft={draft} problem={problem} onDraft={setDraft} />
          <div class="actions">
            <button type="submit" disabled={isBusy}>
              {isBusy ? "Checking…" : "Sign up"}
            </button>
          </div>
        </form>
      }
      result={
        <>
          {!isDoubt && <ProblemNote problem={problem} />}
          {value !== null && "id" in value && <Verdict user={value} />}
          {value !== null && "detail" in value && (
            <p class="card" role="status">
              {value.detail}
            </p>
          )}
          {suggestion !== null && (
            <p class="card suggestion">
              Did you mean <strong>{suggestion}</strong>?{" "}
              <button
                type="button"
                class="quiet small"
                onClick={() => signUp({ ...draft, email: suggestion }, false)}
              >
                Use it
              </button>{" "}
              {isDoubt && (
                <button type="button" class="quiet small" onClick={() => signUp(draft, false)}>
                  Keep {draft.email}
                </button>
              )}
            </p>
          )}
          <UserList recent={recent} />
        </>
      }
      sent={sent}
    />
  );
}

function DraftFields({
  draft,
  problem,
  onDraft,
}: {
  draft: Draft;
  problem: Problem | null;
  onDraft: (draft: Draft) => void;
}): VNode {
  return (
    <>
      <Field label="Name" faults={faultsAt(problem, "#/name")}>
        <input
          autocomplete="off"
          value={draft.name}
          onInput={({ currentTarget }) => onDraft({ ...draft, name: currentTarget.value })}
        />
      </Field>
      <Field
        label="E-mail"
        hint="Try a typo, such as ada@gmial.com."
        faults={problem?.code === "email-taken" ? [problem.detail] : faultsAt(problem, "#/email")}
      >
        <input
          type="email"
          autocomplete="off"
          spellcheck={false}
          value={draft.email}
          onInput={({ currentTarget }) => onDraft({ ...draft, email: currentTarget.value })}
        />
      </Field>
      <Field label="Age (optional)" faults={faultsAt(problem, "#/age")}>
        <input
          type="number"
          min="0"
          max="150"
          value={draft.age}
          onInput={({ currentTarget }) => onDraft({ ...draft, age: currentTarget.value })}
        />
      </Field>
    </>
  );
}

function toBody({ name, email, age }: Draft): NewUser {
  return { name, email, ...(age !== "" && { age: Number(age) }) };
}

function suggestionOf(problem: Problem | null): string | null {
  const suggestion = problem?.["suggestion"];
  return typeof suggestion === "string" ? suggestion : null;
}
