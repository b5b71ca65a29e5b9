/**
 * Kills runs, mutates inputs, damages files of runs and limits files.
 *
 *     npm run faults                          all
 *     npm run faults -- kills=20 seed=7       parts, each with so many cases, and another seed
 *
 * The outcomes are written to result.md. The exit status is 1 if there are faults.
 */
import { corruptRuns } from './corruptions.js';
import { limitFiles } from './full-disk.js';
import { fuzz } from './fuzz.js';
import { killRuns } from './kills.js';
import type { Outcome } from './outcome.js';
import { noteOutcome } from './result.js';

interface Part {
  readonly cases: number;
  readonly run: (seed: number, cases: number) => Promise<Outcome>;
}

const PARTS: { readonly [name: string]: Part } = {
  kills: { cases: 200, run: killRuns },
  inputs: { cases: 10_000, run: fuzz },
  files: { cases: 1000, run: corruptRuns },
  limits: { cases: 20, run: limitFiles },
};

const wanted = new Map(
  process.argv.slice(2).map((argument) => {
    const [name = '', number] = argument.split('=');
    return [name, number] as const;
  }),
);
const seed = Number(wanted.get('seed') ?? 1);
wanted.delete('seed');
console.log(`seed ${seed}`);
for (const [name, { cases, run }] of Object.entries(PARTS)) {
  if (wanted.size > 0 && !wanted.has(name)) continue;
  const outcome = await run(seed, Number(wanted.get(name) ?? cases));
  noteOutcome(outcome, seed);
  console.log(`${outcome.name}: ${outcome.faults.length} faults`);
  if (outcome.faults.length > 0) process.exitCode = 1;
}
