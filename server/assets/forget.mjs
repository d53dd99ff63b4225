// Removing what was built before: what a running server may still name stays for a while.
import { readFile, readdir, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";

/** Remove the files of a folder that its manifest has not named for so long. Units: milliseconds. */
export async function forget(folder, age) {
  const manifest = await readFile(path.join(folder, "manifest.json"), "utf8").catch(() => "{}");
  const named = new Set(["manifest.json", ...Object.values(JSON.parse(manifest))]);
  const now = Date.now();
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    if (named.has(name.replace(/\.(?:br|gz)$/, ""))) await utimes(file, now / 1000, now / 1000);
    else if ((await stat(file)).mtimeMs < now - age) await rm(file);
  }
}
