// Tells V8 of memory that it does not see. What the runtime keeps for a call to another object, server or KV is freed
// with the call's JavaScript objects alone, and a full collection waits until those have filled a limit of their own: in a
// fresh isolate some thousand calls, which leave a hundred megabytes behind.

/** Calls that are told of together. */
const CALLS_AT_A_TIME = 16;
/** Bytes that they leave behind, some 20 KB each as measured, and what is copied on the way. */
const SHARE_BYTES = 512 * 1024;
/** With so much more, 48 MB, a fresh isolate is at the limit from which V8 collects. */
const MAX_SHARES = 96;

let calls = 0;
/** Buffers that are never written to, and so take no memory: resizable ones are only set aside. */
let shares: ArrayBuffer[] = [];
/** An object of the runtime's, which a full collection alone takes away. */
let mark: WeakRef<object> | undefined;

/** Notes a call of which there may be thousands in a row. */
export function noteCall(): void {
  calls += 1;
  if (calls % CALLS_AT_A_TIME > 0) return;
  if (mark?.deref() === undefined) {
    for (const share of shares) share.transferToFixedLength(0);
    shares = [];
    mark = new WeakRef(new Headers());
  }
  if (shares.length < MAX_SHARES)
    shares.push(new ArrayBuffer(SHARE_BYTES, { maxByteLength: SHARE_BYTES }));
}
