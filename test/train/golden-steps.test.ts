import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findLibrary } from '@ssql/core/run';
import { openEngine } from '../../packages/core/src/engine/open-engine.js';
import type { Engine } from '../../packages/core/src/engine/engine.js';
import { itIsOfficial } from '../parity/it-is-official.js';
import { trainingStepCases } from '../parity/training-steps.js';
import { THREADS } from './engines.js';

const MICRO = [
  'e_simsiam_micro',
  'e_byol_micro_kdiff',
  'e_moco_micro_kdiff',
  'e_simclr_micro',
  'e_ssql_simsiam_micro_fresh',
  'e_rssql_simsiam_micro_fresh',
  'e_ssql_byol_micro_fresh',
  'e_ssql_moco_micro_fresh',
];

const TINY = ['e_byol_tiny_kdiff', 'e_simclr_tiny', 'e_ssql_moco_tiny'];

// `npm run parity` measures all files of the folder.
describe('training steps (tensorflow)', () => {
  let lines: readonly string[] = [];
  before(async function () {
    if (findLibrary() === undefined) return this.skip(); // run `ssql engine install`
    this.timeout(300_000);
    lines = await parity([...MICRO, ...TINY]);
    return undefined;
  });
  for (const file of [...MICRO, ...TINY])
    it(`equal the official steps (golden ${file})`, () => {
      const ofFile = lines.filter((line) => line.includes(`  ${file}  `));
      assert.ok(ofFile.length > 0, lines.join('\n'));
      assert.deepEqual(
        ofFile.filter((line) => !line.startsWith('passed')),
        [],
      );
    });
});

describe('training steps (cpu)', () => {
  let engine: Engine;
  before(async () => {
    engine = await openEngine({ use: 'cpu', threads: THREADS });
  });
  after(() => engine.close());
  for (const file of MICRO) itIsOfficial(`${file}.json`, trainingStepCases, () => engine);
});

/**
 * The lines of `npm run parity`, in a process of its own: libtensorflow keeps the threads that a process asks for first, and with them
 * the order of sums.
 */
async function parity(files: readonly string[]): Promise<readonly string[]> {
  const script = fileURLToPath(new URL('../parity/run.ts', import.meta.url));
  const names = files.map((file) => `${file}.json`);
  const run = promisify(execFile)(process.execPath, ['--import', 'tsx', script, ...names]);
  // It exits with 1 if a case fails; its lines show which.
  const { stdout } = await run.catch((error: { readonly stdout?: string }) => ({
    stdout: error.stdout ?? String(error),
  }));
  return stdout.split('\n');
}
