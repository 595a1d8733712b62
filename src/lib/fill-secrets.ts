// Replaces `${NAME}` in settings by a secret, so that the settings themselves can be public.

/** A text with its secrets filled in, and the secrets that it contains. */
export interface FilledText {
  readonly text: string;
  readonly secrets: readonly string[];
}

/** Before the name of a value that is no secret, such as an account's number. */
const PLAIN = "plain:";

/**
 * Replaces each `${NAME}` by the secret of that name, and each `${plain:NAME}` by a value that is none.
 *
 * @param encode how a value is written into the text
 * @throws TypeError naming a value that is not set
 */
export function fillSecrets(
  text: string,
  secret: (name: string) => string | undefined,
  encode: (value: string) => string = (value) => value,
): FilledText {
  const secrets: string[] = [];
  const filled = text.replace(/\$\{([^}]*)\}/g, (_, given: string) => {
    const isPlain = given.startsWith(PLAIN);
    const name = isPlain ? given.slice(PLAIN.length) : given;
    const value = secret(name);
    if (!value) throw new TypeError(`\${${name}} is not set`);
    if (!isPlain) secrets.push(value);
    return encode(value);
  });
  return { text: filled, secrets };
}
