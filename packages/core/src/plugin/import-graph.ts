import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { sha256 } from '../artifact/checksum.js';
import { isRecord } from '../values.js';
import { init, parse } from 'es-module-lexer';
import { resolve as resolveModule } from 'import-meta-resolve';

/**
 * A hash of a file and of everything that it imports, directly or not: local files by their bytes, installed packages by name and
 * version. `@ssql/core` is left out, because its version is part of a run's identity anyway. Imports with computed names are not seen, nor
 * what a file reads otherwise (`fingerprint` is for that).
 * The hash of a file that imports nothing else is that of its bytes.
 */
export async function hashImportGraph(entry: string): Promise<string> {
  await init();
  const files = new Map<string, string>();
  const packages = new Set<string>();
  const pending = [entry];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (files.has(file)) continue;
    const bytes = readFileSync(file);
    files.set(file, sha256(bytes));
    for (const specifier of importsOf(file, bytes)) {
      const imported = locate(specifier, file);
      if (imported === undefined) continue;
      const installed = isInstalled(imported) ? packageOf(imported) : undefined;
      if (installed === undefined) pending.push(imported);
      else packages.add(`${installed.name}@${installed.version}`);
    }
  }
  const [bytes] = files.values();
  if (files.size === 1 && packages.size === 0) return bytes!;
  // Relative names, so that the hash stays the same if the project is moved.
  const names = [...files].map(([file, hash]) => [relative(dirname(entry), file).replaceAll(sep, '/'), hash].join(' '));
  return sha256([...names.sort(), ...[...packages].sort()].join('\n'));
}

/** Whether a file belongs to an installed package, rather than to a linked one, which its author may edit. */
export function isInstalled(file: string): boolean {
  return file.split(sep).includes('node_modules');
}

/** What ssql reads of a package.json. */
export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  /** Whether it says that its package has plugins: it depends on `@ssql/core`, or has the keyword `ssql-plugin`. */
  readonly hasPlugins: boolean;
}

/** The nearest package.json that has a version. */
export function packageOf(file: string): PackageManifest | undefined {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (!existsSync(manifest)) continue;
    const values = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly [key: string]: unknown };
    const { name, version } = values;
    if (typeof version === 'string') return { name: String(name), version, hasPlugins: hasPlugins(values) };
  }
  return undefined;
}

function hasPlugins({ keywords, dependencies, peerDependencies }: { readonly [key: string]: unknown }): boolean {
  const needed = [dependencies, peerDependencies].some((each) => isRecord(each) && '@ssql/core' in each);
  return needed || (Array.isArray(keywords) && keywords.includes('ssql-plugin'));
}

function importsOf(file: string, bytes: Buffer): readonly string[] {
  if (!/\.[cm]?[jt]sx?$/.test(file)) return []; // data, such as JSON
  const source = bytes.toString('utf8');
  // `const load: NodeJS.Require = module.createRequire(…)`
  const made = [...source.matchAll(/([\w$]+)\s*(?::[^=;]+)?=\s*(?:[\w$]+\.)?createRequire\(/g)].map(([, name]) =>
    name!.replaceAll('$', '\\$'),
  );
  const call = new RegExp(
    `(?:(?<![\\w$.])(?:${['require', ...made].join('|')})|createRequire\\([^()]*\\))\\(\\s*(["'\`])([^"'\`\\n$]+)\\1\\s*\\)`,
    'g',
  );
  const required = [...source.matchAll(call)].map(([, , specifier]) => specifier!);
  try {
    const [imports] = parse(source);
    const imported = imports.flatMap((statement) => {
      if (!('specifier' in statement) || ('typeOnly' in statement && statement.typeOnly)) return [];
      return typeof statement.specifier === 'string' ? [statement.specifier] : [];
    });
    return [...imported, ...required];
  } catch {
    return required; // a CommonJS file that is no module
  }
}

/** The file of an import; `undefined` for what is not a file, and for a file that does not exist, which Node.js never imported. */
function locate(specifier: string, from: string): string | undefined {
  if (isBuiltin(specifier) || /^@ssql\/core(\/|$)/.test(specifier)) return undefined;
  const parent = pathToFileURL(from);
  if (/^\.{1,2}\//.test(specifier)) {
    const file = fileURLToPath(new URL(specifier, parent));
    // TypeScript imports a source by the name of its output.
    const existing = [file, file.replace(/\.([cm]?)js$/, '.$1ts')].find((name) => isFile(name));
    if (existing !== undefined) return existing;
  }
  for (const resolver of [esmFile, commonJsFile]) {
    try {
      const file = resolver(specifier, parent.href);
      if (isFile(file)) return file;
    } catch {
      // The other resolver may know it: some packages are for CommonJS only.
    }
  }
  return undefined;
}

function esmFile(specifier: string, parent: string): string {
  return fileURLToPath(resolveModule(specifier, parent));
}

function commonJsFile(specifier: string, parent: string): string {
  return createRequire(parent).resolve(specifier);
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}
