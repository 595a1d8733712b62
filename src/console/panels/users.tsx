// The panel for sign-ups: shows the verdict on an address, and the list of users.
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { ConfirmationSent, NewUser, User } from "../../client";
import { Panel } from "../parts/panel";
import { ProblemNote } from "../parts/problem-note";
import { TokenGate } from "../parts/token-gate";
import { UserList } from "../parts/user-list";
import { USER_FIELDS, type UserDraft, UserFields } from "../parts/user-fields";
import { Verdict } from "../parts/verdict";
import type { Problem } from "../problem";
import { isLocal, useSession } from "../session";
import { type Sent, toCode } from "../snippets";
import { useFaultFocus } from "../use-fault-focus";
import { useLatest } from "../use-latest";

const EMPTY: UserDraft = { name: "", email: "", age: "" };
const SAMPLE_NAMES = ["Sari", "Dewi", "Budi", "Ada", "Wayan"];

/** The form of POST /users and the list of users. */
export function Users(): VNode {
  const { client } = useSession();
  const [draft, setDraft] = useState(EMPTY);
  const [{ isBusy, value, problem }, start] = useLatest<User | ConfirmationSent>();
  const [news, setNews] = useState(0);
  const [sent, setSent] = useState<Sent | null>(null);

  /** Signs up. An address that looks misspelt is asked about first, so that a slip makes no user. */
  const signUp = (wanted: UserDraft, refuseTypos: boolean): void => {
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
      setNews((times) => times + 1);
      return user;
    });
  };
  useFaultFocus(problem);
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
          <UserFields
            draft={draft}
            problem={problem}
            emailHint="Try a typo, such as ada@gmial.com."
            onDraft={setDraft}
          />
          <div class="actions">
            <button type="submit" disabled={isBusy}>
              {isBusy ? "Checking…" : "Sign up"}
            </button>
            {isLocal() && (
              <button
                type="button"
                class="quiet"
                disabled={isBusy}
                onClick={() => signUp(createSample(), true)}
              >
                Try a sample
              </button>
            )}
          </div>
        </form>
      }
      result={
        <>
          {!isDoubt && <ProblemNote problem={problem} atFields={USER_FIELDS} />}
          {value !== null && "id" in value && <Verdict user={value} />}
          {value !== null && "detail" in value && (
            <p class="card" role="status">
              {value.detail}{" "}
              {isLocal() && <a href="#activity">The mail is kept here: see Messages and mails.</a>}
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
          <TokenGate>
            <UserList news={news} />
          </TokenGate>
        </>
      }
      sent={sent}
    />
  );
}

/** Somebody new, so that the sample can be run again. */
function createSample(): UserDraft {
  const number = Math.floor(Math.random() * 10_000);
  const name = SAMPLE_NAMES[number % SAMPLE_NAMES.length] ?? "";
  return { name, email: `${name.toLowerCase()}.${number}@gmail.com`, age: "" };
}

function toBody({ name, email, age }: UserDraft): NewUser {
  return { name, email, ...(age !== "" && { age: Number(age) }) };
}

function suggestionOf(problem: Problem | null): string | null {
  const suggestion = problem?.["suggestion"];
  return typeof suggestion === "string" ? suggestion : null;
}
