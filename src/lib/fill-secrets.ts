// Replaces `${NAME}` in settings by a secret, so that the settings themselves can be public.

/** A text with its secrets filled in, and the secrets that it contains. */
export interface FilledText {
  readonly text: string;
  readonly secrets: readonly string[];
}

/**
 * Replaces each `${NAME}` by the secret of that name.
 *
 * @throws TypeError naming a secret that is not set
 */
export function fillSecrets(
  text: string,
  secret: (name: string) => string | undefined,
): FilledText {
  const secrets: string[] = [];
  const filled = text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    const value = secret(name);
    if (!value) throw new TypeError(`\${${name}} is not set`);
    secrets.push(value);
    return value;
  });
  return { text: filled, secrets };
}
