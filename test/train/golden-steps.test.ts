import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findLibrary } from '@ssql/core';
import { openEngine } from '../../packages/core/src/engine/open-engine.js';
import type { Engine } from '../../packages/core/src/engine/engine.js';
import { itIsOfficial } from '../parity/it-is-official.js';
import { trainingStepCases } from '../parity/training-steps.js';
import { THREADS } from './engines.js';

const MICRO = [
  'e_simsiam_micro',
  'e_byol_micro',
  'e_byol_micro_kdiff',
  'e_moco_micro',
  'e_moco_micro_kdiff',
  'e_simclr_micro',
  'e_ssql_simsiam_micro_fresh',
  'e_rssql_simsiam_micro_fresh',
  'e_ssql_byol_micro_fresh',
  'e_ssql_moco_micro_fresh',
];

const TINY = ['e_simsiam_tiny', 'e_byol_tiny_kdiff', 'e_moco_tiny_kdiff', 'e_simclr_tiny', 'e_ssql_moco_tiny'];

describe('training steps (tensorflow)', () => {
  for (const file of [...MICRO, ...TINY])
    it(`are the official ones (golden ${file})`, async function () {
      if (findLibrary() === undefined) return this.skip(); // run `ssql engine install`
      await parity(`${file}.json`);
      return undefined;
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

/** In a process of its own: libtensorflow keeps the threads that a process asks for first, and with them the order of sums. */
async function parity(file: string): Promise<void> {
  const script = fileURLToPath(new URL('../parity/run.ts', import.meta.url));
  try {
    await promisify(execFile)(process.execPath, ['--import', 'tsx', script, file]);
  } catch (error) {
    assert.fail((error as { readonly stdout?: string }).stdout ?? String(error));
  }
}
