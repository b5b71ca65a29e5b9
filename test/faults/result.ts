import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './outcome.js';

const FILE = fileURLToPath(new URL('result.md', import.meta.url));
const TITLE =
  '# Faults\n\n`npm run faults` writes this file: what was tried, and what happened. A fault is what must not happen.\n';

/** Writes the outcome of a part into result.md, beside those of other parts. */
export function noteOutcome({ name, counts, codes, faults }: Outcome, seed: number): void {
  const sections = new Map(readSections());
  const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, count]) => `| ${what} | ${count} |`);
  const lines = [
    `## ${name}\n`,
    `Seed ${seed}. Faults: ${faults.length}.\n`,
    '| outcome | cases |',
    '| --- | ---: |',
    ...rows,
    ...(codes.size > 0 ? [`\nCodes: ${[...codes].sort().join(', ')}.`] : []),
    ...faults.map((fault) => `\n- FAULT ${fault.split('\n')[0]!.slice(0, 300)}`),
  ];
  sections.set(name, `${lines.join('\n')}\n`);
  writeFileSync(FILE, [TITLE, ...sections.values()].join('\n'));
}

function readSections(): readonly (readonly [name: string, text: string])[] {
  if (!existsSync(FILE)) return [];
  const parts = readFileSync(FILE, 'utf8')
    .split(/^(?=## )/m)
    .slice(1);
  return parts.map((text) => [/^## (.*)/.exec(text)![1]!, `${text.trimEnd()}\n`] as const);
}
