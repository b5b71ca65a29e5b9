import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs npm in a folder, as somebody would who has never seen this repository. @returns what it printed */
export async function npm(folder: string, ...args: readonly string[]): Promise<string> {
  const environment = Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|command|execpath|config_ignore_scripts)/.test(name),
  );
  const { stdout, stderr } = await run('npm', args, {
    cwd: folder,
    env: { ...Object.fromEntries(environment), NO_COLOR: '1' },
    maxBuffer: 64 * 1024 * 1024,
  }).catch((error: Error & { readonly stdout: string; readonly stderr: string }) => {
    throw new Error(`npm ${args.join(' ')} failed:\n${error.stdout}${error.stderr}`, { cause: error });
  });
  return stdout + stderr;
}

/** Packs packages of this repository as they would be published, into a folder. @returns the tarballs, in order */
export async function pack(into: string, ...packages: readonly string[]): Promise<string[]> {
  const tarballs: string[] = [];
  for (const name of packages) {
    const before = new Set(readdirSync(into));
    await npm(resolve(name), 'pack', '--pack-destination', resolve(into));
    const made = readdirSync(into).find((file) => file.endsWith('.tgz') && !before.has(file));
    if (made === undefined) throw new Error(`npm pack made nothing of ${name}`);
    tarballs.push(join(resolve(into), made));
  }
  return tarballs;
}

/** Installs tarballs and packages in a folder; no install script is run. */
export async function install(folder: string, ...packages: readonly string[]): Promise<void> {
  await npm(folder, 'install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages);
}
