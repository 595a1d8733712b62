// The texts of the built-in pages, by language. They are for visitors of the owner's site; what only the owner
// can mend is said to the owner.
import type { Language } from "../lib/languages";
import type { ProblemCode } from "./problem";

/** A heading and a sentence or two. */
export interface PageText {
  readonly title: string;
  readonly text: string;
}

/** Codes of refusals that a visitor can meet; any other is told as `internal`. */
type TextCode = Extract<
  ProblemCode,
  | "body-too-large"
  | "challenge-failed"
  | "email-taken"
  | "idempotency-in-progress"
  | "internal"
  | "invalid-body"
  | "origin-not-allowed"
  | "quota-exceeded"
  | "rate-limited"
  | "unauthorized"
  | "unavailable"
  | "undeliverable-email"
  | "unsupported-media-type"
>;

/** The texts in one language. */
interface PageTexts {
  readonly thanks: PageText;
  /** In place of thanks, where an address must be confirmed. */
  readonly mailed: PageText;
  readonly refusals: Readonly<Record<TextCode, PageText>>;
  /** The fields of the built-in forms: what each is called, and what it takes. */
  readonly fields: Readonly<Record<string, { readonly label: string; readonly hint: string }>>;
  /** Says that a field is refused which only the owner's page knows. */
  readonly otherField: string;
  /** Sentences for the reasons why an address is refused. */
  readonly reasons: Readonly<Record<string, string>>;
  readonly doubt: { readonly title: string; readonly use: string; readonly keep: string };
  readonly back: string;
  readonly backHint: string;
  /** Begins the line that names the refusal to the owner. */
  readonly details: string;
}

const en: PageTexts = {
  thanks: { title: "Thank you", text: "We have received what you sent." },
  mailed: {
    title: "One more step",
    text: "We have sent you a mail. Open the link in it to complete your sign-up; if no mail comes within minutes, look among the spam.",
  },
  refusals: {
    "body-too-large": {
      title: "That is too much",
      text: "The form is larger than we can take. Please shorten it and send it again.",
    },
    "challenge-failed": {
      title: "Please try once more",
      text: "We could not verify that a person sent the form. Go back, reload the page and send it again.",
    },
    "email-taken": {
      title: "You are on the list already",
      text: "This e-mail address is registered already. There is nothing more to do.",
    },
    "idempotency-in-progress": {
      title: "We are still working on it",
      text: "You have sent this form already, and it is being processed. Reload this page in a moment.",
    },
    internal: {
      title: "Something went wrong here",
      text: "We could not process the form, and it is not your fault. Please try again later.",
    },
    "invalid-body": {
      title: "Please check the form",
      text: "Some of it cannot be accepted yet:",
    },
    "origin-not-allowed": {
      title: "This form cannot be sent from here",
      text: "To the owner of the page: list its origin in ALLOWED_ORIGINS. If it is listed, the page hides its origin: Referrer-Policy: no-referrer and same-origin do that (use strict-origin-when-cross-origin), and so do sandboxed frames and files that are opened from a disk.",
    },
    "quota-exceeded": {
      title: "That is all for today",
      text: "More forms were sent today than we can take. Please try again tomorrow.",
    },
    "rate-limited": {
      title: "That was a lot at once",
      text: "Please wait a minute, then send the form again.",
    },
    unauthorized: {
      title: "This form is not open",
      text: "To the owner of the page: list the endpoint in PUBLIC_ENDPOINTS.",
    },
    unavailable: {
      title: "We cannot take it just now",
      text: "Please send the form again in a few minutes. Nothing is sent twice.",
    },
    "undeliverable-email": {
      title: "Please check your e-mail address",
      text: "Mail cannot reach you there.",
    },
    "unsupported-media-type": {
      title: "This form cannot be read",
      text: "To the owner of the page: send it without enctype, or as multipart/form-data, in UTF-8.",
    },
  },
  fields: {
    name: { label: "Name", hint: "Enter a name of at most 200 characters, on one line." },
    email: { label: "E-mail", hint: "Enter an address such as ada@example.com." },
    reply_to: { label: "E-mail", hint: "Enter an address such as ada@example.com." },
    age: { label: "Age", hint: "Enter a whole number from 0 to 150, or nothing." },
    title: { label: "Title", hint: "Enter a title of at most 200 characters, on one line." },
    description: { label: "Message", hint: "Enter a text of at most 10,000 characters." },
    priority: { label: "Priority", hint: "Choose low, medium, high or urgent." },
    due_at: { label: "Due date", hint: "Enter a date and a time such as 2026-12-01T09:00:00Z." },
    assignee_id: { label: "Assignee", hint: "There is nobody of this name." },
    notify: { label: "Channels", hint: "There is no channel of this name." },
    metadata: { label: "Other fields", hint: "Altogether they may have at most 4,096 bytes." },
  },
  otherField: "This cannot be accepted.",
  reasons: {
    "disposable-domain": "Please use a lasting address.",
    "domain-not-found": "What follows the @ does not exist.",
    "no-mail-server": "What follows the @ receives no mail.",
    "null-mx": "What follows the @ receives no mail.",
  },
  doubt: {
    title: "Did you mean {email}?",
    use: "Yes, use {email}",
    keep: "No, {email} is right",
  },
  back: "Back to the page",
  backHint: "Use your browser’s Back button: what you have filled in is still there.",
  details: "For the owner of the page",
};

const id: PageTexts = {
  thanks: { title: "Terima kasih", text: "Kiriman Anda sudah kami terima." },
  mailed: {
    title: "Satu langkah lagi",
    text: "Kami telah mengirim e-mail kepada Anda. Buka tautan di dalamnya untuk menyelesaikan pendaftaran; jika e-mail tidak datang dalam beberapa menit, periksa folder spam.",
  },
  refusals: {
    "body-too-large": {
      title: "Isinya terlalu banyak",
      text: "Formulir ini lebih besar daripada yang dapat kami terima. Mohon dipersingkat, lalu kirim lagi.",
    },
    "challenge-failed": {
      title: "Mohon coba sekali lagi",
      text: "Kami belum dapat memastikan bahwa formulir ini dikirim oleh manusia. Kembalilah, muat ulang halamannya, lalu kirim lagi.",
    },
    "email-taken": {
      title: "Anda sudah terdaftar",
      text: "Alamat e-mail ini sudah terdaftar. Tidak ada lagi yang perlu dilakukan.",
    },
    "idempotency-in-progress": {
      title: "Masih kami proses",
      text: "Formulir ini sudah Anda kirim dan sedang diproses. Muat ulang halaman ini sebentar lagi.",
    },
    internal: {
      title: "Ada yang salah di pihak kami",
      text: "Formulir ini tidak dapat kami proses, dan itu bukan kesalahan Anda. Mohon coba lagi nanti.",
    },
    "invalid-body": {
      title: "Mohon periksa formulirnya",
      text: "Sebagian isinya belum dapat diterima:",
    },
    "origin-not-allowed": {
      title: "Formulir ini tidak dapat dikirim dari sini",
      text: "Untuk pemilik halaman: cantumkan origin-nya di ALLOWED_ORIGINS. Jika sudah tercantum, halaman itu menyembunyikan origin-nya: Referrer-Policy: no-referrer dan same-origin berakibat demikian (gunakan strict-origin-when-cross-origin), begitu pula bingkai sandbox dan berkas yang dibuka langsung dari disk.",
    },
    "quota-exceeded": {
      title: "Cukup untuk hari ini",
      text: "Hari ini formulir yang masuk melebihi yang dapat kami terima. Mohon coba lagi besok.",
    },
    "rate-limited": {
      title: "Terlalu banyak sekaligus",
      text: "Mohon tunggu satu menit, lalu kirim formulirnya lagi.",
    },
    unauthorized: {
      title: "Formulir ini belum dibuka",
      text: "Untuk pemilik halaman: cantumkan endpoint-nya di PUBLIC_ENDPOINTS.",
    },
    unavailable: {
      title: "Saat ini belum dapat kami terima",
      text: "Mohon kirim formulirnya lagi beberapa menit kemudian. Tidak ada yang terkirim dua kali.",
    },
    "undeliverable-email": {
      title: "Mohon periksa alamat e-mail Anda",
      text: "Alamat ini tidak dapat menerima e-mail.",
    },
    "unsupported-media-type": {
      title: "Formulir ini tidak dapat dibaca",
      text: "Untuk pemilik halaman: kirim tanpa enctype, atau sebagai multipart/form-data, dalam UTF-8.",
    },
  },
  fields: {
    name: { label: "Nama", hint: "Isi nama, paling banyak 200 karakter dalam satu baris." },
    email: { label: "E-mail", hint: "Isi alamat seperti ada@example.com." },
    reply_to: { label: "E-mail", hint: "Isi alamat seperti ada@example.com." },
    age: { label: "Umur", hint: "Isi bilangan bulat dari 0 sampai 150, atau kosongkan." },
    title: { label: "Judul", hint: "Isi judul, paling banyak 200 karakter dalam satu baris." },
    description: { label: "Pesan", hint: "Isi teks, paling banyak 10.000 karakter." },
    priority: { label: "Prioritas", hint: "Pilih low, medium, high atau urgent." },
    due_at: { label: "Tenggat", hint: "Isi tanggal dan waktu seperti 2026-12-01T09:00:00Z." },
    assignee_id: { label: "Penanggung jawab", hint: "Tidak ada orang dengan nama ini." },
    notify: { label: "Saluran", hint: "Tidak ada saluran dengan nama ini." },
    metadata: { label: "Isian lain", hint: "Semuanya bersama-sama paling banyak 4.096 byte." },
  },
  otherField: "Isian ini tidak dapat diterima.",
  reasons: {
    "disposable-domain": "Mohon gunakan alamat yang tetap.",
    "domain-not-found": "Bagian setelah @ tidak ada.",
    "no-mail-server": "Bagian setelah @ tidak menerima e-mail.",
    "null-mx": "Bagian setelah @ tidak menerima e-mail.",
  },
  doubt: {
    title: "Maksud Anda {email}?",
    use: "Ya, pakai {email}",
    keep: "Tidak, {email} sudah benar",
  },
  back: "Kembali ke halaman",
  backHint: "Gunakan tombol Kembali di peramban Anda: semua yang sudah Anda isi masih ada.",
  details: "Untuk pemilik halaman",
};

/** The texts by language. */
export const pageTexts = { en, id } satisfies Record<Language, PageTexts>;

/** Refusals that are told as another one. */
const TOLD_AS: Readonly<Partial<Record<string, TextCode>>> = {
  "malformed-json": "unsupported-media-type",
  "malformed-request": "unsupported-media-type",
};

/** The text of a refusal; that of `internal` for a code that visitors cannot meet. */
export function refusalText({ refusals }: PageTexts, code: string): PageText {
  const known: Readonly<Record<string, PageText>> = refusals;
  return known[TOLD_AS[code] ?? code] ?? refusals.internal;
}
