// The languages that built-in texts are in.

/** Languages of the built-in texts, as BCP 47 tags; the first is the default. */
export const LANGUAGES = ["en", "id"] as const;
/** One of LANGUAGES. */
export type Language = (typeof LANGUAGES)[number];
