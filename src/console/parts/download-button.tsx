// Downloads a reply as a file. A plain link could send neither the token nor an Accept header.
import type { VNode } from "preact";
import { SerentakError } from "../../client";
import { save } from "../save";
import { useSession } from "../session";
import { useLatest } from "../use-latest";

const MEDIA_TYPES = { csv: "text/csv", ndjson: "application/x-ndjson" };

/** A button that downloads `path` completely. `name` is the file's name without its extension. */
export function DownloadButton({
  path,
  format,
  name,
}: {
  path: string;
  format: keyof typeof MEDIA_TYPES;
  name: string;
}): VNode {
  const { token } = useSession();
  const [{ isBusy, problem }, start] = useLatest<null>();
  const download = (): void =>
    start(async (signal) => {
      const headers = new Headers({ Accept: MEDIA_TYPES[format] });
      if (token !== "") headers.set("Authorization", `Bearer ${token}`);
      const response = await fetch(path, { headers, signal });
      if (!response.ok) throw new SerentakError(await response.json());
      save(await response.blob(), `${name}.${format}`);
      return null;
    });
  return (
    <span>
      <button type="button" class="quiet small" disabled={isBusy} onClick={download}>
        {format.toUpperCase()}
        <span class="unseen"> download of {name}</span>
      </button>
      <span role="status" class="fault">
        {problem?.detail}
      </span>
    </span>
  );
}
