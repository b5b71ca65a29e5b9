import { spawnSync } from 'node:child_process';

/** The line of a file that is no valid JavaScript, from 1. An error of `import` does not tell it; `node --check` does, and executes nothing. */
export function syntaxErrorLine(file: string): number | undefined {
  const { stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8', timeout: 10_000 });
  const [, line] = /^.*:(\d+)$/m.exec(String(stderr).split('\n')[0] ?? '') ?? [];
  return line === undefined ? undefined : Number(line);
}
