// The client's methods for users and tasks, both records with versions, listed in pages.
import type { CallOptions, ChangeOptions, FileFormat, SignUpOptions, Tasks, Users } from "./api";
import { MEDIA_TYPES, type Transport } from "./transport";
import type {
  ConfirmationSent,
  Task,
  TaskPage,
  TaskQuery,
  User,
  UserPage,
  UserQuery,
} from "./wire";

/** Items that a page of a list may have. */
export const MAX_PAGE = 100;

/** Members of the replies: a sign-up that is to be confirmed has a status alone. */
const RECORD = ["id", "status"];

/** Methods that both kinds have; `Item` is a whole record, `Page` one page of the list, `Made` what a creation brings. */
function recordsUnder<Item, Page, Made = Item>(transport: Transport, kind: "users" | "tasks") {
  const root = `/${kind}`;
  const pathOf = (id: string) => `${root}/${encodeURIComponent(id)}`;
  return {
    create: (json: object, { refuseTypos = false, ...options }: SignUpOptions = {}) =>
      transport.create<Made>(
        {
          path: root,
          json,
          has: RECORD,
          ...(refuseTypos && { headers: { Prefer: "handling=strict" } }),
        },
        options,
      ),
    get: (id: string, options?: CallOptions) =>
      transport.call<Item>({ path: pathOf(id), has: RECORD }, options),
    update: (id: string, json: object, { ifVersion, ...options }: ChangeOptions = {}) =>
      transport.call<Item>(
        { method: "PATCH", path: pathOf(id), json, headers: ifMatch(ifVersion), has: RECORD },
        options,
      ),
    remove: (id: string, { ifVersion, ...options }: ChangeOptions = {}) =>
      transport.call<void>(
        { method: "DELETE", path: pathOf(id), headers: ifMatch(ifVersion) },
        options,
      ),
    page: (query?: UserQuery | TaskQuery, options?: CallOptions) =>
      transport.call<Page>({ path: root, query: { ...query }, has: [kind] }, options),
    download: (format: FileFormat, query?: object, options?: CallOptions) =>
      transport.bytes({ path: root, query: { ...query } }, MEDIA_TYPES[format], options),
  };
}

/** The If-Match header for a version: the ETag of a record is its version in quotes. */
function ifMatch(version: number | undefined): Record<string, string> {
  return version === undefined ? {} : { "If-Match": `"${version}"` };
}

/** The client's methods for users. */
export function usersOf(transport: Transport): Users {
  const records = recordsUnder<User, UserPage, User | ConfirmationSent>(transport, "users");
  return {
    ...records,
    list: (filter, options) =>
      allItems(
        (cursor) => records.page({ ...filter, limit: MAX_PAGE, ...cursor }, options),
        ({ users }) => users,
      ),
  };
}

/** The client's methods for tasks. */
export function tasksOf(transport: Transport): Tasks {
  const records = recordsUnder<Task, TaskPage>(transport, "tasks");
  return {
    ...records,
    list: (filter, options) =>
      allItems(
        (cursor) => records.page({ ...filter, limit: MAX_PAGE, ...cursor }, options),
        ({ tasks }) => tasks,
      ),
  };
}

/** Yields the items of all pages, and requests each page when it is needed. */
export async function* allItems<Page extends { readonly next_cursor: string | null }, Item>(
  read: (cursor: { readonly cursor?: string }) => Promise<Page>,
  itemsOf: (page: Page) => readonly Item[],
): AsyncGenerator<Item, void> {
  let page = await read({});
  for (;;) {
    yield* itemsOf(page);
    if (page.next_cursor === null) return;
    page = await read({ cursor: page.next_cursor });
  }
}
