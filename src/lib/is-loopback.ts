/**
 * True if a host, in the form of `URL.hostname`, is the local machine (RFC 6761 §6.3, RFC 1122 §3.2.1.3, RFC
 * 4291 §2.5.3).
 */
export function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}
