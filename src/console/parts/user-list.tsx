// The list of users.
import type { VNode } from "preact";
import { useCallback } from "preact/hooks";
import type { UserSummary } from "../../client";
import { formatInstant } from "../format";
import { useSession } from "../session";
import { usePages } from "../use-pages";
import { DownloadButton } from "./download-button";
import { ListCard } from "./list-card";
import { VerdictChip } from "./verdict";

const PAGE_USERS = 20;

/** The list of users, for holders of a token; reloaded whenever `news` changes. */
export function UserList({ news }: { news: unknown }): VNode {
  const { client } = useSession();
  const read = useCallback(
    async (cursor: string | undefined, signal: AbortSignal) => {
      const page = await client.users.page({ limit: PAGE_USERS, cursor }, { signal });
      return { items: page.users, next: page.next_cursor };
    },
    [client],
  );
  const pages = usePages(read, news);
  return (
    <ListCard
      title="Users"
      empty="Nobody has signed up yet."
      actions={
        <>
          <DownloadButton path="/users" format="csv" name="users" />
          <DownloadButton path="/users" format="ndjson" name="users" />
        </>
      }
      {...pages}
    >
      {(users: readonly UserSummary[]) => (
        <div class="scroll" tabIndex={0} role="region" aria-label="All users">
          <table>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">E-mail</th>
                <th scope="col">Verdict</th>
                <th scope="col">Since</th>
              </tr>
            </thead>
            <tbody>
              {users.map(({ id, name, email, email_check, created_at }) => (
                <tr key={id}>
                  <td dir="auto">{name}</td>
                  <td dir="auto">{email}</td>
                  <td>
                    <VerdictChip verdict={email_check.verdict} />
                  </td>
                  <td class="whole">{formatInstant(created_at)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </ListCard>
  );
}
