// The newest sign-ups: searched, changed and deleted.
import type { VNode } from "preact";
import { useCallback, useState } from "preact/hooks";
import type { UserSummary } from "../../client";
import { formatInstant } from "../format";
import { useSession } from "../session";
import { EditForm } from "./edit-form";
import { Field } from "./field";
import { RecordSearch } from "./record-search";
import { USER_FIELDS, UserFields } from "./user-fields";
import { VerdictChip } from "./verdict";

const PAGE = 10;

/** The newest users, or sign-ups that wait for their confirmation. */
export function NewestUsers(): VNode {
  const { client } = useSession();
  const [isPending, setPending] = useState(false);
  const read = useCallback(
    async (q: string | undefined, cursor: string | undefined, signal: AbortSignal) => {
      const query = { q, cursor, limit: PAGE, ...(isPending && { confirmed: "false" as const }) };
      const page = await client.users.page(query, { signal });
      return { items: page.users, next: page.next_cursor };
    },
    [client, isPending],
  );
  return (
    <RecordSearch<UserSummary>
      title="Newest sign-ups"
      kind="users"
      empty={isPending ? "Nobody is asked to confirm." : "Nobody has signed up yet."}
      read={read}
      remove={({ id }, signal) => client.users.remove(id, { signal })}
      nameOf={({ name }) => name}
      editor={(user, onDone) => <UserEditor user={user} onDone={onDone} />}
      filters={
        <Field label="Sign-ups" isLabelHidden>
          <select
            value={isPending ? "pending" : ""}
            onChange={({ currentTarget }) => setPending(currentTarget.value !== "")}
          >
            <option value="">users</option>
            <option value="pending">not confirmed yet</option>
          </select>
        </Field>
      }
    >
      {({ name, email, email_check, created_at }) => (
        <p class="chips">
          <VerdictChip verdict={email_check.verdict} />
          <strong dir="auto">{name}</strong>
          <span dir="auto">{email}</span>
          <span class="hint">{formatInstant(created_at)}</span>
        </p>
      )}
    </RecordSearch>
  );
}

function UserEditor({ user, onDone }: { user: UserSummary; onDone: () => void }): VNode {
  const { client } = useSession();
  const { id, version, name, email } = user;
  const age = user.age === null ? "" : String(user.age);
  const [draft, setDraft] = useState({ name, email, age });
  return (
    <EditForm
      pointers={USER_FIELDS}
      onDone={onDone}
      save={(signal) => {
        const change = {
          ...(draft.name !== name && { name: draft.name }),
          ...(draft.email !== email && { email: draft.email }),
          ...(draft.age !== age && { age: draft.age === "" ? null : Number(draft.age) }),
        };
        return client.users.update(id, change, { ifVersion: version, signal });
      }}
    >
      {(problem) => <UserFields draft={draft} problem={problem} onDraft={setDraft} />}
    </EditForm>
  );
}
