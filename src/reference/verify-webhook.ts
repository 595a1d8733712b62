// How a receiver verifies a webhook, as code for the documents. README.md shows the same, which a test compares
// and runs.

/** In JavaScript, with the library of the Standard Webhooks specification. */
export const VERIFY_IN_JAVASCRIPT = `import { Webhook } from "standardwebhooks";

const event = new Webhook(process.env.OPS_SECRET).verify(rawBody, headers); // throws unless it is genuine
`;

/** In Python, with its standard library. */
export const VERIFY_IN_PYTHON = `import base64, hashlib, hmac, time

def verify(secret: str, body: bytes, headers: dict) -> None:
    sent = headers["webhook-id"] + "." + headers["webhook-timestamp"] + "."
    key = base64.b64decode(secret.removeprefix("whsec_"))
    own = "v1," + base64.b64encode(hmac.new(key, sent.encode() + body, hashlib.sha256).digest()).decode()
    if not any(hmac.compare_digest(own, given) for given in headers["webhook-signature"].split()):
        raise ValueError("not genuine")
    if abs(time.time() - int(headers["webhook-timestamp"])) > 300:
        raise ValueError("too old")
`;
