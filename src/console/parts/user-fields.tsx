// The fields of a user, as a form has them.
import type { VNode } from "preact";
import { faultsAt, type Problem } from "../problem";
import { Field } from "./field";

/** The values of the fields. */
export interface UserDraft {
  readonly name: string;
  readonly email: string;
  readonly age: string;
}

/** Pointers of the faults that are told at these fields. */
export const USER_FIELDS = /^#\/(?:name|email|age)$/;

/** Fields for name, e-mail and age, with the faults of each. */
export function UserFields({
  draft,
  problem,
  emailHint,
  onDraft,
}: {
  draft: UserDraft;
  problem: Problem | null;
  emailHint?: string;
  onDraft: (draft: UserDraft) => void;
}): VNode {
  return (
    <>
      <Field label="Name" faults={faultsAt(problem, "#/name")}>
        <input
          autocomplete="off"
          dir="auto"
          value={draft.name}
          onInput={({ currentTarget }) => onDraft({ ...draft, name: currentTarget.value })}
        />
      </Field>
      <Field
        label="E-mail"
        hint={emailHint}
        faults={problem?.code === "email-taken" ? ["It is taken."] : faultsAt(problem, "#/email")}
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
