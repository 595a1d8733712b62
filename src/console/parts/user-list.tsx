// The list of users.
import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import type { User, UserSummary } from "../../client";
import { formatInstant } from "../format";
import { useSession } from "../session";
import { usePages } from "../use-pages";
import { DownloadButton } from "./download-button";
import { ListCard } from "./list-card";
import { VerdictChip } from "./verdict";

const PAGE_USERS = 20;

/** The list of users, reloaded after each sign-up. `recent` are those who signed up on this page. */
export function UserList({ recent }: { recent: readonly User[] }): VNode {
  const { client, token } = useSession();
  const read = useMemo(
    () =>
      token === ""
        ? null
        : async (cursor: string | undefined, signal: AbortSignal) => {
            const page = await client.users.page({ limit: PAGE_USERS, cursor }, { signal });
            return { items: page.users, next: page.next_cursor };
          },
    [client, token],
  );
  const pages = usePages(read, recent);
  return (
    <ListCard
      title="Users"
      empty="Nobody has signed up yet."
      hasToken={token !== ""}
      actions={
        <>
          <DownloadButton path="/users" format="csv" name="users" />
          <DownloadButton path="/users" format="ndjson" name="users" />
        </>
      }
      {...pages}
      recent={recent}
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
                  <td>{name}</td>
                  <td>{email}</td>
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
