// Bundle what the pages use into server/static/built: names with a hash of the content, a manifest that maps plain
// names to them, compressed copies, and the licences of everything that went in. A server that runs meanwhile goes on
// with the files it knows: they stay for an hour more.
import { readFile, readdir, rename, rm, mkdir, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import esbuild from "esbuild";
import subset from "subset-font";
import { forget } from "./forget.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const built = path.join(here, "../static/built");
const fresh = `${built}.${process.pid}`;
const entries = ["css/main.css", "js/site.js", "js/sparql.js", "js/editor.js"];

const range = (first, last) =>
  Array.from({ length: last - first + 1 }, (_, offset) => String.fromCodePoint(first + offset)).join("");
const LETTERS = {
  // Norwegian and English with their punctuation, the letters of the neighbouring languages, mathematics, arrows.
  "inter-latin-wght-normal.woff2":
    range(0x20, 0x7e) + range(0xc0, 0xff) + "\u00a0§©«°±²³·»½¼¾–—‘’“”„…•\u2009\u202f−≈≠≤≥←↑→↓€",
  // Sámi and the rest of the Latin letters of Europe; fetched only by pages that have one.
  "inter-latin-ext-wght-normal.woff2": range(0x100, 0x17f),
};
const KEPT = ["ccmp", "kern", "locl", "tnum"];

const fonts = {
  name: "fonts",
  setup(build) {
    build.onLoad({ filter: /\.woff2$/ }, async ({ path: file }) => ({
      loader: "file",
      contents: await subset(await readFile(file), LETTERS[path.basename(file)], {
        targetFormat: "woff2",
        keepFeatures: KEPT,
        variationAxes: { wght: { min: 400, max: 700 } },
        noHinting: true,
      }),
    }));
  },
};

const rules = (part) => new RegExp(`[^{}]*${part}[^{}]*\\{[^{}]*\\}`, "g");
/** What the pages have no use for, by the end of the file's name. */
const UNUSED = {
  // The pages always follow the reader's colour scheme and have one typography: the theme says the rest in vain.
  "designsystemet.css": [
    /@media \(prefers-color-scheme:light\)\{\[data-color-scheme=auto\]\{[^{}]*\}\}/,
    /\[data-color-scheme=dark\]\{[^{}]*\}/,
    /\[data-typography=secondary\]\{[^{}]*\}/,
    // css/colors.css says these once more.
    /--ds-color-(?:accent|brand1|brand2|neutral)-[\w-]+:[^;{}]+;?/g,
  ],
  // Tables have one look and one size, and are sorted by links.
  "table.css": [rules("\\[(?:aria-sort|data-(?:border|hover|size|sticky-header|zebra))")],
  // No field is read-only, and none is a switch.
  "base.css": [/--ds-readonly-icon-url:url\("[^"]*"\);?/, rules("ds-readonly-icon:before")],
  "field.css": [rules("label\\):before")],
  "input.css": [rules("role=switch")],
};

const designsystemet = {
  name: "designsystemet",
  setup(build) {
    build.onLoad({ filter: /designsystemet-css.*\.css$/ }, async ({ path: file }) => {
      let contents = await readFile(file, "utf8");
      for (const rule of UNUSED[path.basename(file)] ?? []) {
        if (contents.search(rule) < 0) throw new Error(`${file} has no ${rule} any more`);
        contents = contents.replace(rule, "");
      }
      return { loader: "css", contents };
    });
  },
};

async function bundle() {
  const { metafile } = await esbuild.build({
    absWorkingDir: here,
    entryPoints: entries,
    plugins: [fonts, designsystemet],
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2022"],
    charset: "utf8",
    legalComments: "none",
    outdir: fresh,
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    metafile: true,
    logLevel: "warning",
  });
  return metafile;
}

const hashed = (name, content) => {
  const { name: stem, ext } = path.parse(name);
  return `${stem}-${createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase()}${ext}`;
};

/** Map `main.css` to `main-ABCD2345.css`, for all that was written. */
function plainNames(metafile) {
  const names = Object.keys(metafile.outputs).map((output) => path.basename(output));
  return Object.fromEntries(names.map((name) => [name.replace(/-[A-Z0-9]{8}(?=\.)/, ""), name]));
}

/** Gather the licence of each package that is in a bundle. */
async function licences(metafile) {
  const packages = Object.keys(metafile.inputs).map((input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1]);
  const texts = [];
  for (const name of [...new Set(packages.filter(Boolean))].sort()) {
    const folder = path.join(here, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} has no licence file`);
    texts.push(`${name} ${version} (${license})\n\n${(await readFile(path.join(folder, file), "utf8")).trim()}\n`);
  }
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

async function compress(name) {
  const content = await readFile(path.join(fresh, name));
  const best = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } };
  await writeFile(path.join(fresh, `${name}.br`), brotliCompressSync(content, best));
  await writeFile(path.join(fresh, `${name}.gz`), gzipSync(content, { level: 9 }));
}

await rm(fresh, { recursive: true, force: true });
await mkdir(fresh, { recursive: true });
try {
  const metafile = await bundle();
  const manifest = plainNames(metafile);
  const texts = await licences(metafile);
  manifest["licences.txt"] = hashed("licences.txt", texts);
  await writeFile(path.join(fresh, manifest["licences.txt"]), texts);
  await Promise.all(Object.values(manifest).filter((name) => !name.endsWith(".woff2")).map(compress));
  await writeFile(path.join(fresh, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await mkdir(built, { recursive: true });
  await forget(built, 3_600_000);
  for (const name of (await readdir(fresh)).sort((one) => (one === "manifest.json" ? 1 : -1)))
    await rename(path.join(fresh, name), path.join(built, name));
} finally {
  await rm(fresh, { recursive: true, force: true });
}
