// Texts of the pages that links in mails lead to.
import type { LinkPurpose } from "../../domain/links/link";
import type { PageText } from "../../http/page-texts";
import type { Language } from "../../lib/languages";

/** The text of a page, and the label of its button if it has one. */
export interface LinkPageText extends PageText {
  readonly button?: string;
}

/** Pages of one purpose: before its link was used, once it was, and where it cannot be. */
interface PurposeTexts {
  readonly ask: Required<LinkPageText>;
  readonly done: LinkPageText;
  readonly expired: LinkPageText;
  readonly gone: LinkPageText;
}

/** Texts of one language. */
interface LinkTexts extends Readonly<Record<LinkPurpose, PurposeTexts>> {
  /** The page of a link that was not signed here. */
  readonly forged: LinkPageText;
  /** The page after the button of an expired link. */
  readonly renewed: LinkPageText;
}

/** All texts by language. */
export const LINK_TEXTS: Readonly<Record<Language, LinkTexts>> = {
  en: {
    confirm: {
      ask: {
        title: "Confirm your e-mail address",
        text: "One press of the button, and your sign-up is complete.",
        button: "Confirm",
      },
      done: { title: "Your address is confirmed", text: "Thank you. You can close this page." },
      expired: {
        title: "This link has expired",
        text: "A link to confirm an address is good for a day.",
        button: "Mail me a new link",
      },
      gone: {
        title: "This link can no longer be used",
        text: "It was used already, or the sign-up was deleted since. To sign up, fill in the form once more.",
      },
    },
    unsubscribe: {
      ask: {
        title: "Unsubscribe",
        text: "What is kept of you here is deleted for good.",
        button: "Unsubscribe and delete",
      },
      done: { title: "You are unsubscribed", text: "What was kept of you is deleted." },
      expired: {
        title: "This link has expired",
        text: "Use the link in a newer mail, or write to the sender of the mail.",
      },
      gone: { title: "You are unsubscribed", text: "What was kept of you is deleted." },
    },
    forged: {
      title: "This link is not complete",
      text: "Open the whole link of the mail: some programs break long ones.",
    },
    renewed: {
      title: "A new link is on its way",
      text: "If the sign-up still waits to be confirmed, its address gets a mail within minutes.",
    },
  },
  id: {
    confirm: {
      ask: {
        title: "Konfirmasi alamat e-mail Anda",
        text: "Tekan tombol ini untuk menyelesaikan pendaftaran Anda.",
        button: "Konfirmasi",
      },
      done: {
        title: "Alamat Anda sudah dikonfirmasi",
        text: "Terima kasih. Anda dapat menutup halaman ini.",
      },
      expired: {
        title: "Tautan ini sudah kedaluwarsa",
        text: "Tautan konfirmasi hanya berlaku satu hari.",
        button: "Kirim tautan baru",
      },
      gone: {
        title: "Tautan ini tidak dapat digunakan lagi",
        text: "Tautan ini sudah digunakan, atau pendaftarannya sudah dihapus. Untuk mendaftar, isi kembali formulirnya.",
      },
    },
    unsubscribe: {
      ask: {
        title: "Berhenti berlangganan",
        text: "Data Anda yang disimpan di sini akan dihapus untuk selamanya.",
        button: "Berhenti dan hapus",
      },
      done: {
        title: "Anda sudah berhenti berlangganan",
        text: "Data Anda yang disimpan sudah dihapus.",
      },
      expired: {
        title: "Tautan ini sudah kedaluwarsa",
        text: "Gunakan tautan dalam e-mail yang lebih baru, atau hubungi pengirim e-mail.",
      },
      gone: {
        title: "Anda sudah berhenti berlangganan",
        text: "Data Anda yang disimpan sudah dihapus.",
      },
    },
    forged: {
      title: "Tautan ini tidak lengkap",
      text: "Buka seluruh tautan dari e-mail: sebagian program memotong tautan yang panjang.",
    },
    renewed: {
      title: "Tautan baru sedang dikirim",
      text: "Jika pendaftaran masih menunggu konfirmasi, alamatnya akan menerima e-mail dalam beberapa menit.",
    },
  },
};
