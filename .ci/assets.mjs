// Bundles portal/assets into portal/static and writes manifest.json: file -> content hash, which
// templates append to the address so that browsers may keep a file for ever.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import * as esbuild from "esbuild";

const SOURCE = "portal/assets";
const TARGET = "portal/static";
// Pages link these as main.css, map.js, ...; everything else is imported by one of them.
const ENTRIES = ["css/main.css", "css/map.css", "js/main.js", "js/map.js"];
// Copied as they are.
const COPIES = [
  ["node_modules/leaflet/dist/images", "vendor/leaflet/images"],
  [`${SOURCE}/icons`, "icons"],
  [`${SOURCE}/img`, "img"],
];

rmSync(TARGET, { recursive: true, force: true });
mkdirSync(TARGET, { recursive: true });

await esbuild.build({
  entryPoints: ENTRIES.map((entry) => join(SOURCE, entry)).filter(existsSync),
  outdir: TARGET,
  entryNames: "[name]",
  assetNames: "media/[name]-[hash]",
  loader: { ".png": "file", ".svg": "file", ".woff2": "file" },
  bundle: true,
  minify: true,
  sourcemap: "linked",
  target: "es2020",
  logLevel: "warning",
});

for (const [from, to] of COPIES) {
  if (existsSync(from)) cpSync(from, join(TARGET, to), { recursive: true });
}

const hashes = {};
for (const entry of readdirSync(TARGET, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(entry.parentPath, entry.name);
  const digest = createHash("sha256").update(readFileSync(path)).digest("hex");
  hashes[relative(TARGET, path)] = digest.slice(0, 12);
}
writeFileSync(join(TARGET, "manifest.json"), JSON.stringify(hashes, Object.keys(hashes).sort(), 1) + "\n");
console.log(`Assets: ${Object.keys(hashes).length} files in ${TARGET}`);
