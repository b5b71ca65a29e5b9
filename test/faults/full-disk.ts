import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentsOf, differences } from './differences.js';
import { tally, type Outcome } from './outcome.js';
import { ssql, writeTiny } from './tiny-run.js';

/**
 * Runs with a limit on the size of files (`ulimit -f`, in blocks of 512 bytes), which ends a write in its middle as a full disk does. Each
 * run is refused with a code, and resumes without the limit to the bytes of a run that had none.
 * @param cases different limits, from none at all to more than any file needs
 */
export async function limitFiles(_seed: number, cases: number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'ssql-full-'));
  const result = tally('limited files');
  const runs = join(folder, 'runs');
  try {
    writeTiny(folder);
    await ssql(folder, { args: ['run', 'pipeline.yaml'] });
    const expected = contentsOf(runs);
    for (let index = 0; index < cases; index++) {
      const blocks = Math.floor((index * LARGEST) / cases);
      rmSync(runs, { recursive: true, force: true });
      const limited = await ssql(folder, { args: ['run', 'pipeline.yaml'], prepare: `ulimit -f ${blocks}` });
      const told = /^(NOT_WRITABLE|DISK_FULL) /m.test(limited.output);
      if (limited.status !== 0 && !told) result.fault(`${blocks} blocks: ${limited.output.slice(-800)}`);
      result.count(limited.status === 0 ? 'the limit was not reached' : 'refused with a code');
      const { status, output } = await ssql(folder, { args: ['run', 'pipeline.yaml', '--resume'] });
      const wrong = status === 0 ? differences(expected, contentsOf(runs)) : [output.slice(-800)];
      if (wrong.length > 0) result.fault(`${blocks} blocks, resumed: ${wrong.join(', ')}`);
    }
    return result.outcome();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Blocks of more than the largest file, the report. */
const LARGEST = 260;
