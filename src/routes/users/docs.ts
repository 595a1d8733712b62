// Documentation of the routes of users. A test runs each example.
import { EMAIL_CHECK_BUDGET_MS } from "../../domain/email/check-email";
import type { Docs } from "../../http/route-docs";

/** The id of the user in the examples. */
export const USER_ID = "01935a1e-8f2b-7c3d-9e4f-5a6b7c8d9e0f";
const UNKNOWN_ID = "01935a1e-0000-7000-8000-000000000000";
const params = { id: USER_ID };

const LINK_NOTE =
  "A link of a mail, or of an export: its token is signed, expires, and authorises this alone.";
const TOKEN = { token: "WyJ1bnN1YnNjcmliZSJd.not-signed-here" };

const name = "Ada Lovelace";
const email = "ada@example.com";

/** Texts and examples by operation id. */
export const userDocs: Docs = {
  createUser: {
    summary: "Sign a user up",
    description: `The address is checked within ${EMAIL_CHECK_BUDGET_MS / 1000} seconds: syntax, mail servers over DNS, disposable domains, typical typos. A resolver that fails or is slow never blocks a sign-up: the verdict is then \`unknown\`, and the check is repeated in the background. There is one user per e-mail, whatever its spelling in case, Unicode form or IDN.

With \`SIGN_UP = "confirmed"\` every well-formed sign-up without a token is answered alike, with 202: whether the address is new, waits to be confirmed or is registered, is told by mail to the address alone. A link in that mail, good for a day, completes the sign-up (\`user.confirmed\`); without it, it is deleted after seven days. An address gets at most three mails an hour and ten a day, a caller causes at most twenty an hour; beyond that the answer is the same, and no mail is sent.

Also as an HTML form, without a script: \`<form method="post" action="…/users">\` on a page of a listed origin. A form with \`text/html\` in \`Accept\` is asked about an address that looks misspelt before anything is made; \`Prefer: handling=strict\` asks for the same as a refusal.`,
    replies: {
      202: 'With `SIGN_UP = "confirmed"`, without a token: the address is told by mail how to go on.',
    },
    examples: [
      {
        name: "sign-up",
        summary: "A sign-up",
        headers: { "Idempotency-Key": '"sign-up-of-ada"' },
        body: { name, email },
      },
      {
        name: "likely-typo",
        summary: "An address that looks misspelt is accepted, with a suggestion",
        body: { name, email: "ada@gmial.com", age: 36, metadata: { plan: "free" } },
      },
      {
        name: "typo-refused",
        summary: "An address that looks misspelt is refused if the caller would rather ask",
        headers: { Prefer: "handling=strict" },
        body: { name, email: "ada@gmial.com" },
        status: 422,
      },
      {
        name: "email-taken",
        summary: "The e-mail is taken, in whatever spelling",
        body: { name, email: "Ada@Example.com" },
        status: 409,
      },
      {
        name: "undeliverable",
        summary: "The domain takes no mail",
        body: { name, email: "ada@no-mail.example" },
        status: 422,
      },
      {
        name: "invalid",
        summary: "All faults at once",
        body: { name: "", email: "ada", nickname: "Countess" },
        status: 422,
      },
    ],
  },
  listUsers: {
    summary: "List users, or export them all",
    description:
      "The newest first, without their metadata. A page of `q` may hold fewer users than asked for, even none, and still have a `next_cursor`. `Accept: application/x-ndjson` or `text/csv` streams every user that the filters leave, whole.",
    examples: [
      {
        name: "page",
        summary: "A page",
        query: { limit: "10" },
      },
      {
        name: "csv",
        summary: "All users as CSV",
        headers: { Accept: "text/csv" },
      },
      {
        name: "ndjson",
        summary: "All users, one a line",
        headers: { Accept: "application/x-ndjson" },
      },
    ],
  },
  showConfirmation: {
    summary: "Ask to confirm an address",
    description: `${LINK_NOTE} Where the link is good, the page has one button, which sends a POST to the same address; it changes nothing by itself. An expired link's button asks for a new mail.`,
    examples: [{ name: "forged", summary: "Not one of our links", query: TOKEN, status: 404 }],
  },
  confirmUser: {
    summary: "Confirm an address",
    description: `${LINK_NOTE} The body is ignored. The sign-up becomes a user, told as \`user.confirmed\`; other pending sign-ups of its address are deleted. A repeat answers the same.`,
    replies: {
      200: "A page that thanks.",
      303: "To the address that the form named by `_next`.",
    },
    examples: [{ name: "forged", summary: "Not one of our links", query: TOKEN, status: 404 }],
  },
  showUnsubscribing: {
    summary: "Ask to unsubscribe",
    description: `${LINK_NOTE} The page has one button, which sends a POST to the same address.`,
    examples: [{ name: "forged", summary: "Not one of our links", query: TOKEN, status: 404 }],
  },
  unsubscribeUser: {
    summary: "Unsubscribe, by a link or with one click",
    description: `${LINK_NOTE} Deletes the user, or the pending sign-ups of the address, as \`DELETE /users/{id}\` does. The body is ignored, so that mail programs can unsubscribe with one click (RFC 8058). A repeat answers the same.`,
    examples: [{ name: "forged", summary: "Not one of our links", query: TOKEN, status: 404 }],
  },
  getUser: {
    summary: "Read a user",
    replies: { 304: "You have this version." },
    examples: [
      { name: "user", summary: "A user", params },
      {
        name: "not-modified",
        summary: "The version that you have still holds",
        params,
        headers: { "If-None-Match": '"1"' },
        status: 304,
      },
      {
        name: "unknown",
        summary: "No such user",
        params: { id: UNKNOWN_ID },
        status: 404,
      },
    ],
  },
  updateUser: {
    summary: "Change a user",
    description:
      "A JSON merge patch (RFC 7396): null removes age, metadata, or a member of the metadata.",
    examples: [
      {
        name: "merge-patch",
        summary: "Fields that are not named stay",
        params,
        headers: { "If-Match": '"1"' },
        mediaType: "application/merge-patch+json",
        body: { age: 36, metadata: { plan: "pro" } },
      },
      {
        name: "changed-meanwhile",
        summary: "Somebody else changed it first",
        params,
        headers: { "If-Match": '"7"' },
        body: { age: 37 },
        status: 412,
      },
    ],
  },
  deleteUser: {
    summary: "Delete a user and free the e-mail",
    examples: [{ name: "deleted", summary: "The e-mail is free again", params }],
  },
  refillUsers: {
    summary: "Fill the table of users from KV",
    description:
      "For a table that was lost: brings in every user that KV has and the table has not, as it stands there. Those that are there already stay as they are. Where KV holds more than one request can read, it answers 503, and goes on by itself.",
    examples: [{ name: "filled", summary: "All that KV has is in the table" }],
  },
};
