// Files imported as text: `import toml from "../../wrangler.toml?raw"`.
declare module "*?raw" {
  const text: string;
  export default text;
}
