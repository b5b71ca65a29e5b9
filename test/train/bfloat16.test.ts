import assert from 'node:assert/strict';
import { randomUniform, type Rank, type Tensor } from '@tensorflow/tfjs-core';
import type { Engine } from '../../packages/core/src/engine/engine.js';
import { readGolden } from '../golden/golden.js';
import { trainOfficially, type GoldenInputs, type GoldenTraining } from '../parity/official-training.js';
import type { GoldenStep, OurStep } from '../parity/step-measures.js';
import { onEngine } from './engines.js';

/** Rounding to the 8 significant bits of bfloat16 changes a number by this fraction of it at most. */
const ROUNDING = 2 ** -8;

/**
 * How far a step in bfloat16 may be from the official one: three times as far as the farther of two float32 steps in which each operand and
 * each result of a convolution has a random relative error of up to ROUNDING. The factor is for what these do not have: errors of matrix
 * products and batch norms, and the worst of many roundings.
 */
const FACTOR = 3;
/** A tolerance of half the value or more proves nothing. */
const MOST = 0.5;

interface File extends GoldenTraining {
  readonly steps?: readonly (GoldenStep & GoldenInputs)[];
  readonly runs?: readonly (GoldenStep & GoldenInputs)[];
}

onEngine('tensorflow', 'training steps in bfloat16', (engine) => {
  for (const [file, compared] of [
    ['e_simsiam_micro', ['loss', 'z1', 'z2', 'p2']],
    ['e_byol_micro_kdiff', ['loss', 'z1', 'z2', 'p1']],
    ['e_moco_micro_kdiff', ['loss', 'logits']],
    ['e_simclr_micro', ['loss', 'f1', 'f2']],
    ['e_ssql_moco_micro_fresh', ['loss', 'logits_float']],
  ] as const)
    it(`are near the official ones (golden ${file})`, async () => {
      const golden = readGolden<File>(`${file}.json`);
      const inputs = [...(golden.steps ?? []), ...(golden.runs ?? [])].slice(0, 1);
      const train = async (on: Engine, precision: 'float32' | 'bfloat16'): Promise<OurStep> =>
        (await trainOfficially(on, golden, inputs, 1, precision))[0]!;
      // Within 1e-4 of the official numbers (test/train/golden-steps.test.ts).
      const exact = await train(engine(), 'float32');
      const erring = [await train(withErrors(engine(), 1), 'float32'), await train(withErrors(engine(), 2), 'float32')];
      const rounded = distances(await train(engine(), 'bfloat16'), exact);
      const allowed = erring.map((step) => distances(step, exact));
      const proved = Object.keys(rounded).filter((name) => {
        const tolerance = FACTOR * Math.max(...allowed.map((measured) => measured[name]!));
        if (tolerance >= MOST) return false;
        assert.ok(rounded[name]! <= tolerance, `${name}: off by ${rounded[name]}, allowed ${tolerance}`);
        assert.ok(rounded[name]! > 1e-5, `${name} is that of float32: nothing was rounded`);
        return true;
      });
      assert.deepEqual(
        compared.filter((name) => !proved.includes(name)),
        [],
      );
    });
});

/** An engine in whose convolutions operands and results have random relative errors, the same in each run. */
function withErrors(engine: Engine, seed: number): Engine {
  const { tf, ops } = engine;
  let count = 1000 * seed;
  // The engine's own random operations are refused in a step; here, numbers that stay as they are, are meant.
  const err = <T extends Tensor>(x: T): T =>
    tf.mul(x, randomUniform(x.shape, 1 - ROUNDING, 1 + ROUNDING, 'float32', count++));
  const conv2d: typeof ops.conv2d = (x, filter, options) =>
    err(ops.conv2d(err(x), err(filter), options)) as Tensor<Rank.R4>;
  return { ...engine, ops: { ...ops, conv2d } };
}

/** Relative distances of the loss (to 1 where it is smaller) and of the outputs. */
function distances(step: OurStep, exact: OurStep): { readonly [name: string]: number } {
  const outputs = Object.entries(exact.outputs).map(([name, { values }]) => {
    const error = step.outputs[name]!.values.map((value, index) => value - values[index]!);
    return [name, Math.hypot(...error) / Math.hypot(...values)] as const;
  });
  const loss = Math.abs(step.loss - exact.loss) / Math.max(1, Math.abs(exact.loss));
  return { loss, ...Object.fromEntries(outputs) };
}
