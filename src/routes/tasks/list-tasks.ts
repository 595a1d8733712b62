// GET /tasks: one page of the tasks that match the filters, or all of them as a stream.
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import { toTask } from "../../domain/records/context";
import { foldText, type TaskFilters } from "../../domain/records/queries";
import {
  exportTask,
  Priority,
  summarizeTask,
  TaskStatus,
  TaskSummary,
  UserId,
  type ExportedTask,
} from "../../domain/records/tasks";
import {
  anyOfParameter,
  InstantParameter,
  ListQuery,
  type PageRequest,
  readAll,
  readPage,
  SearchParameter,
  withoutRepeats,
} from "../../http/list";
import { NextCursor } from "../../http/page";
import { listFile, listReply, type Columns } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { tasksIn } from "../../runtime/tables";

const MAX_ASSIGNEES = 20;
const NOBODY = "none";

const TaskPage = v.strictObject({
  tasks: v.array(TaskSummary),
  next_cursor: NextCursor,
});

const AssigneeParameter = v.pipe(
  v.string(),
  maxCharacters(1000, "too long"),
  v.transform((text) => text.split(",")),
  v.array(v.union([v.literal(NOBODY), UserId], `not a user's id, nor ${NOBODY}`), "not a list"),
  v.maxLength(MAX_ASSIGNEES, `more than ${MAX_ASSIGNEES}`),
  v.transform(withoutRepeats),
  v.metadata({
    jsonSchema: {
      type: "array",
      items: { type: "string", maxLength: 36 },
      minItems: 1,
      maxItems: MAX_ASSIGNEES,
    },
  }),
  v.description(`Ids of users, several by comma; \`${NOBODY}\` for tasks without an assignee.`),
);

const TaskQuery = v.object({
  ...ListQuery,
  status: v.optional(anyOfParameter(TaskStatus.options)),
  priority: v.optional(anyOfParameter(Priority.options)),
  assignee_id: v.optional(AssigneeParameter),
  due_after: v.optional(InstantParameter),
  due_before: v.optional(InstantParameter),
  q: v.optional(v.pipe(SearchParameter, v.description("Looks through titles and descriptions."))),
});
type TaskQuery = v.InferOutput<typeof TaskQuery>;

const CSV_COLUMNS: Columns<ExportedTask> = [
  "id",
  "title",
  "description",
  "priority",
  "status",
  "assignee_id",
  "due_at",
  "metadata",
  "reply_to",
  "created_at",
  "updated_at",
  "version",
];

/** Answers with one page as JSON, or with all matching tasks as CSV or NDJSON. */
export const listTasksRoute = defineRoute({
  operationId: "listTasks",
  method: "GET",
  path: "/tasks",
  access: "token",
  query: TaskQuery,
  reply: listReply(TaskPage),
  problems: [],
  handler: async ({ query }, context) => {
    const filters = filtersOf(query);
    const table = tasksIn(context.env);
    const read = (part: PageRequest) => table.page({ ...part, filters });
    const all = () => exported(readAll(query.order, read));
    const file = listFile(context.request, "tasks", CSV_COLUMNS, all);
    if (file !== null) return file;
    const { records, reply } = await readPage(context, { ...query, filters }, read);
    return reply({ tasks: records.map((json) => summarizeTask(toTask(json))) });
  },
});

async function* exported(pages: AsyncGenerator<readonly string[]>): AsyncGenerator<ExportedTask[]> {
  for await (const page of pages) yield page.map((json) => exportTask(toTask(json)));
}

function filtersOf(query: TaskQuery): TaskFilters {
  const { status, priority, assignee_id, due_after, due_before, q } = query;
  return {
    status,
    priority,
    assignee: assignee_id?.map((id) => (id === NOBODY ? null : id)),
    dueAfter: due_after,
    dueBefore: due_before,
    text: q && foldText(q),
  };
}
