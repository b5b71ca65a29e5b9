import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { random, type Random } from '@ssql/core';
import { imageFuzzer, runFuzzer, weightsFuzzer } from './fuzz-files.js';
import { extendsFuzzer, pipelineFuzzer, setFuzzer } from './fuzz-pipelines.js';
import { tally, type Outcome } from './outcome.js';
import { ssql, writeTiny } from './tiny-run.js';
import { codesOf, untold } from './told.js';
import { watchdog } from './watchdog.js';

/** Loads mutated inputs of one kind. */
export interface Fuzzer {
  readonly name: string;
  /**
   * Makes an input and loads it. @throws what the loader throws
   * @param show is told what the input is
   */
  attempt(source: Random, show: (text: string) => void): Promise<void>;
}

/** Seconds that an input may compute. */
const LIMIT = 10;

/** Loads mutated inputs, as many of each kind. Each must load, or fail with a code and a place. */
export async function fuzz(seed: number, cases: number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'ssql-fuzz-'));
  const result = tally('mutated inputs');
  const dog = watchdog(LIMIT);
  try {
    writeTiny(folder);
    await ssql(folder, { args: ['run', 'pipeline.yaml'] });
    const runs = join(folder, 'runs', 'tiny');
    const finished = join(
      runs,
      readdirSync(runs).find((name) => !name.includes('.'))!,
    ); // beside the report
    const fuzzers = [
      ...[pipelineFuzzer(folder), setFuzzer(folder), extendsFuzzer(folder), imageFuzzer(folder)],
      ...[await weightsFuzzer(folder), runFuzzer(folder, finished)],
    ];
    for (let index = 0; index < cases; index++) {
      const fuzzer = fuzzers[index % fuzzers.length]!;
      let input = '';
      const show = (text: string): void => dog.watch(`input ${index} of seed ${seed}: ${(input += `${text} `)}`);
      try {
        await fuzzer.attempt(random(seed, 'fuzz', index), show);
        result.count(`${fuzzer.name}: loaded`);
      } catch (error) {
        const problem = untold(error);
        if (problem === undefined) codesOf(error).forEach((code) => result.code(code));
        else result.fault(`${fuzzer.name}, input ${index} of seed ${seed}: ${problem}\n${input}`);
        result.count(`${fuzzer.name}: ${problem === undefined ? 'refused with code and place' : 'faults'}`);
      }
    }
    return result.outcome();
  } finally {
    await dog.end();
    rmSync(folder, { recursive: true, force: true });
  }
}
