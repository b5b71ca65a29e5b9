import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGES = ['core', 'plugins'];

/**
 * Writes the files of the last commit into a folder, whose packages import each other's sources: nothing needs to be built. Installed
 * packages are links.
 */
export function copyOfCommit(folder: string): void {
  const files = execFileSync('git', ['archive', 'HEAD'], { maxBuffer: 2 ** 30 });
  execFileSync('tar', ['-x', '-C', folder], { input: files });
  const installed = join(folder, 'node_modules');
  mkdirSync(join(installed, '@ssql'), { recursive: true });
  for (const name of readdirSync('node_modules').filter((name) => name !== '@ssql'))
    symlinkSync(join(process.cwd(), 'node_modules', name), join(installed, name));
  for (const name of PACKAGES) {
    symlinkSync(join(folder, 'packages', name), join(installed, '@ssql', name));
    const nested = join('packages', name, 'node_modules');
    if (existsSync(nested)) symlinkSync(join(process.cwd(), nested), join(folder, nested));
    exportSources(join(folder, 'packages', name, 'package.json'));
  }
}

/** Exports `src/run.ts` in place of `dist/run.js`, and so on. */
function exportSources(manifest: string): void {
  const source = (_: string, name: string): string =>
    name === 'testing' ? './src/testing/index.ts' : `./src/${name}.ts`;
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/\.\/dist\/(\w+)\.js/g, source));
}
