// Frees bytes that nobody needs any more: V8 may not look at them for long.

/** Gives back the memory of arrays that have their buffers to themselves. They are empty from then on. */
export function freeBytes(arrays: readonly ArrayBufferView[]): void {
  for (const { buffer } of arrays) if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
