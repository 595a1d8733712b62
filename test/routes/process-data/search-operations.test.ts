// The search in the catalogue of operations, by the words of people who do not know its names.
import * as v from "valibot";
import { it } from "vitest";
import { listOperationsRoute } from "../../../src/routes/process-data/list-operations";
import { send } from "../../support/worker";

const NEEDS = [
  ["I have a full name, I want first and last", "split"],
  ["I have CSV from Excel, I want objects", "csv_parse"],
  ["I have names in lower case, I want them capitalised", "titlecase"],
  ["I have orders, I want the total per customer", "summarize"],
  ["I have prices, I want them in euros", "number_format"],
  ["I have a timestamp, I want it in New York time", "date_format"],
  ["I have dates of birth, I want ages", "date_diff"],
  ["I have a payload and a secret, I want the signature", "hmac"],
  ["I have nested data, I want one value deep inside", "select"],
  ["I have country codes, I want names", "lookup"],
  ["I have members, I want three at random", "sample"],
  ["I have scores, I want the top 3", "top"],
  ["reverse a string", "reverse"],
  ["string length", "length"],
  ["generate ids", "uuid"],
  ["variance", "statistics"],
  ["jsonpath", "select"],
  ["md5", "sha256"],
  ["Umlaute", "slugify"],
  ["zip code", "regex_match"],
  ["due date in 14 days", "date_add"],
  ["hide credit card digits", "regex_replace"],
  ["hostname", "url_parse"],
  ["remove dupliactes", "unique"],
  ["currency formating", "number_format"],
  ["I have an HTML page, I want only the text", "strip_html"],
  ["I have a JWT, I want the payload", "base64_decode"],
  ["I have text with emojis, I want them removed", "regex_replace"],
  ["I have a big list, I want the first 5", "take"],
  ["strftime", "date_format"],
  ["left join", "lookup"],
  ["sumif", "summarize"],
  ["normalise", "normalize"],
  ["jq", "select"],
  ["select rows", "filter"],
  ["is it a url", "validate"],
  ["are these e-mail addresses", "validate"],
  ["f-string", "template"],
  ["starts with", "regex_match"],
  ["if else", "select"],
  ["choose columns", "pick"],
  ["are there duplicates", "unique"],
  ["count by category", "frequency"],
  ["lower case", "lowercase"],
  ["rupiah", "number_format"],
  ["word cloud", "frequency"],
  ["domain of email", "regex_extract"],
  ["convert to integer", "round"],
  ["phone number", "regex_match"],
] as const;

it("What people have and want is found among the first three", async ({ expect }) => {
  const found = NEEDS.map(async ([need, name]) => {
    const response = await send(`/process-data?q=${encodeURIComponent(need)}&limit=3`);
    const reply = v.parse(listOperationsRoute.reply.schema, await response.json());
    return reply.operations.some((operation) => operation.name === name) ? [] : [need];
  });
  expect((await Promise.all(found)).flat()).toEqual([]);
});
