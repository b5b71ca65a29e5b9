import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Mutation } from './mutation.js';

const FILE = fileURLToPath(new URL('result.md', import.meta.url));
const NOT_RUN = 'not run';
const ALIVE = 'alive: ';

/**
 * Writes the outcome of a mutation into result.md, beside those of earlier runs.
 * @param all the mutations, in order; the rows of others are dropped
 * @param killedBy the test that fails
 */
export function noteResult(all: readonly Mutation[], { name, alive }: Mutation, killedBy: string | undefined): void {
  const results = new Map([...readResults(), [cell(name), cell(killedBy ?? ALIVE + (alive ?? 'no test notices it'))]]);
  const rows = all.map(({ name, file }) => ({
    name: cell(name),
    source: file.replace(/^packages\//, '').replace('/src/', ': '),
    result: results.get(cell(name)) ?? NOT_RUN,
  }));
  const killed = rows.filter(({ result }) => result !== NOT_RUN && !result.startsWith(ALIVE)).length;
  const text = [
    '# Mutations',
    '',
    `\`npm run mutate\` writes this file. ${killed} of ${rows.length} mutations make a test fail.`,
    '',
    '| mutation | source | first test that fails |',
    '| --- | --- | --- |',
    ...rows.map(({ name, source, result }) => `| ${name} | ${source} | ${result} |`),
  ];
  writeFileSync(FILE, `${text.join('\n')}\n`);
}

function readResults(): readonly (readonly [name: string, result: string])[] {
  if (!existsSync(FILE)) return [];
  const rows = readFileSync(FILE, 'utf8').matchAll(/^\| (.+?) \| .+? \| (.+) \|$/gm);
  return [...rows].map(([, name, result]) => [name!, result!] as const);
}

function cell(text: string): string {
  return text.replaceAll('|', '/').replace(/\s+/g, ' ');
}
