import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');

export const QUICKSTART = join(root, 'pipelines', 'quickstart.yaml');

/** `ssql run` of the quickstart with values to set and a plugin of `ours/`, as users run it; the objects that the plugin printed. */
export async function ssqlRun(plugin: string, set: readonly string[]): Promise<readonly object[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ssql-bench-'));
  try {
    const plugins = `plugins=${JSON.stringify([join(import.meta.dirname, 'ours', `${plugin}.js`)])}`;
    const sets = [plugins, ...set].flatMap((value) => ['--set', value]);
    const stdout = await ssql(['run', QUICKSTART, '--runs', folder, ...sets]);
    return stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as object);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What the command writes to standard output. */
export async function ssql(args: readonly string[]): Promise<string> {
  const command = join(root, 'packages', 'core', 'bin', 'ssql.js');
  return (await promisify(execFile)(process.execPath, [command, ...args])).stdout;
}
