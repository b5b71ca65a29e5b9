/**
 * Applies each mutation of this folder to a copy of the last commit and runs the tests that must notice it.
 *
 *     npm run mutate                 all
 *     npm run mutate -- momentum     those whose name or file has one of these words
 *
 * The outcomes are written to result.md.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyOfCommit } from './copy.js';
import { MUTATIONS, problemsOf } from './list.js';
import type { Mutation, TestFile } from './mutation.js';
import { noteResult } from './result.js';
import { failureOf } from './test-run.js';

interface Outcome {
  readonly mutation: Mutation;
  /** The test that failed first; `undefined` if none did. */
  readonly killedBy: string | undefined;
}

const words = process.argv.slice(2);
const chosen = MUTATIONS.filter(
  ({ name, file }) => words.length === 0 || words.some((word) => name.includes(word) || file.includes(word)),
);
const folder = mkdtempSync(join(tmpdir(), 'ssql-mutate-'));
try {
  process.exitCode = await mutate(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The exit status. */
async function mutate(folder: string): Promise<number> {
  copyOfCommit(folder);
  const problems = problemsOf(folder);
  if (problems.length > 0) {
    console.error(problems.join('\n'));
    return 1;
  }
  const unmutated = once((test: TestFile) => failureOf(folder, test));
  const outcomes: Outcome[] = [];
  for (const mutation of chosen) {
    for (const test of mutation.tests) {
      const failure = await unmutated(test);
      if (failure === undefined) continue;
      console.error(`${test} fails without a mutation. Fix it first. ${failure}`);
      return 1;
    }
    const killedBy = await killerOf(folder, mutation);
    outcomes.push({ mutation, killedBy });
    noteResult(MUTATIONS, mutation, killedBy);
    console.log(
      `${killedBy === undefined ? 'ALIVE ' : 'killed'}  ${mutation.name}${killedBy ? `  by ${killedBy}` : ''}`,
    );
  }
  const unexpected = outcomes.filter(({ mutation, killedBy }) => (killedBy === undefined) !== 'alive' in mutation);
  console.log(`${outcomes.filter(({ killedBy }) => killedBy !== undefined).length} of ${outcomes.length} killed`);
  for (const { mutation, killedBy } of unexpected)
    console.error(
      killedBy === undefined
        ? `Alive: ${mutation.name} (${mutation.file}). Write a test that fails with it, or state the reason in \`alive\`.`
        : `Killed: ${mutation.name} (${mutation.file}), which is listed as alive. Remove \`alive\`.`,
    );
  return unexpected.length === 0 ? 0 : 1;
}

async function killerOf(folder: string, { file, text, replacement, tests }: Mutation): Promise<string | undefined> {
  const path = join(folder, file);
  const source = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    source.replace(text, () => replacement),
  );
  try {
    for (const test of tests) {
      const failure = await failureOf(folder, test);
      if (failure !== undefined) return `${test.replace(/ > .*/, '')}: ${failure}`;
    }
    return undefined;
  } finally {
    writeFileSync(path, source);
  }
}

/** The function, computed once for each key. */
function once<T>(compute: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const results = new Map<string, Promise<T>>();
  return (key) => {
    const result = results.get(key) ?? compute(key);
    results.set(key, result);
    return result;
  };
}
