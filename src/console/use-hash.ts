// Keeps the shown panel in the URL's hash, so that it can be linked to and the back button works.
import { useEffect, useState } from "preact/hooks";

/** The URL's hash without `#`, updated on navigation. */
export function useHash(): string {
  const [hash, setHash] = useState(() => location.hash.slice(1));
  useEffect(() => {
    const update = (): void => setHash(location.hash.slice(1));
    addEventListener("hashchange", update);
    return () => removeEventListener("hashchange", update);
  }, []);
  return hash;
}
