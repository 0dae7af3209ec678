// Builds dist/: scripts and styles with hashed names, the icon sprite, compressed copies, and manifest.json that names them.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, "dist.new");
const manifest = { files: {}, imports: {}, preload: [] };

const hash = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 10);

// Modules that scripts of plugins may import by name. Each exists once, so elements and plugins share it.
const shared = {
  lit: "lit",
  "lit/decorators.js": "lit-decorators",
  "lit/directives/repeat.js": "lit-repeat",
  "lit/directives/class-map.js": "lit-class-map",
  "lit/directives/if-defined.js": "lit-if-defined",
  "socket.io-client": "socket-io",
};

async function bundle(options) {
  const result = await build({
    absWorkingDir: here,
    outdir: out,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    splitting: true,
    metafile: true,
    entryNames: "[name]-[hash]",
    chunkNames: "part-[hash]",
    legalComments: "none",
    logLevel: "warning",
    ...options,
  });
  return Object.entries(result.metafile.outputs).map(([file, info]) => ({ name: path.basename(file), ...info }));
}

/** Libraries: one entry each, common parts shared. */
async function buildLibraries() {
  const entryPoints = Object.fromEntries(Object.entries(shared).map(([module, name]) => [name, module]));
  const outputs = await bundle({ entryPoints, conditions: ["production"] });
  for (const [module, name] of Object.entries(shared)) {
    manifest.imports[module] = outputs.find((output) => output.entryPoint && output.name.startsWith(`${name}-`)).name;
  }
  const first = ["lit", "lit/directives/repeat.js", "socket.io-client"].map((module) => manifest.imports[module]);
  const parts = outputs.filter((output) => first.includes(output.name)).flatMap((output) => output.imports);
  manifest.preload.push(...first, ...new Set(parts.map((part) => path.basename(part.path))));
}

/** Our own scripts: `main` runs on every page, `codesign/live` is what plugins import. */
async function buildScripts() {
  const outputs = await bundle({
    entryPoints: { main: "src/main.ts", live: "src/live.ts" },
    external: Object.keys(shared),
  });
  for (const name of ["main", "live"]) {
    const output = outputs.find((candidate) => candidate.entryPoint === `src/${name}.ts`);
    if (name === "live") manifest.imports["codesign/live"] = output.name;
    manifest.files[`${name}.js`] = output.name;
    const parts = output.imports.filter((part) => !part.external).map((part) => path.basename(part.path));
    if (name === "main") manifest.preload.push(...parts.filter((part) => !manifest.preload.includes(part)));
  }
}

async function buildStyles() {
  const result = await build({
    absWorkingDir: here,
    entryPoints: { main: "styles/main.css" },
    outdir: out,
    bundle: true,
    minify: true,
    entryNames: "[name]-[hash]",
    metafile: true,
    logLevel: "warning",
  });
  manifest.files["main.css"] = path.basename(Object.keys(result.metafile.outputs)[0]);
}

async function put(name, content) {
  const { ext, name: stem } = path.parse(name);
  const file = `${stem}-${hash(content)}${ext}`;
  await writeFile(path.join(out, file), content);
  manifest.files[name] = file;
}

/** The listed Lucide icons as symbols of one file. */
async function buildIcons() {
  const names = (await readFile(path.join(here, "icons.txt"), "utf8")).split("\n").filter(Boolean);
  const symbols = await Promise.all(
    names.map(async (name) => {
      const source = await readFile(path.join(here, "node_modules/lucide-static/icons", `${name}.svg`), "utf8");
      const drawing = source.slice(source.indexOf(">", source.indexOf("<svg")) + 1, source.lastIndexOf("</svg>"));
      return `<symbol id="i-${name}" viewBox="0 0 24 24">${drawing.replace(/\s*\n\s*/g, "").replaceAll(" />", "/>")}</symbol>`;
    }),
  );
  await put("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
  await put("mark.svg", await readFile(path.join(here, "mark.svg"), "utf8"));
  await put("card.png", await readFile(path.join(here, "card.png")));
}

async function compress() {
  for (const name of await readdir(out)) {
    const content = await readFile(path.join(out, name));
    await writeFile(path.join(out, `${name}.gz`), gzipSync(content, { level: 9 }));
    const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
    await writeFile(path.join(out, `${name}.br`), brotliCompressSync(content, options));
  }
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await Promise.all([buildLibraries(), buildStyles(), buildIcons()]);
await buildScripts();
await compress();
manifest.sources = process.env.CODESIGN_SOURCES ?? "";
await writeFile(path.join(out, "manifest.json"), JSON.stringify(manifest, null, 1));
await rm(path.join(here, "dist"), { recursive: true, force: true });
await rename(out, path.join(here, "dist"));
