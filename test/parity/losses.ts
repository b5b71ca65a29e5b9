import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import type { Tf } from '@ssql/core';
import { negativeCosine } from '../../packages/plugins/src/losses/negative-cosine.js';
import { measure, measureNumber, readGolden, type Golden, type Measure } from '../golden/golden.js';
import { recipe } from '../golden/recipe.js';
import { toHost, toTensor } from '../plugins/context.js';
import { unmatched, type ParityCase } from './parity-case.js';

interface Case {
  readonly name: string;
  readonly loss: number;
  readonly grads: { readonly [input: string]: Golden | null };
}

type Input = (name: string) => Tensor2D;
type Loss = (tf: Tf, input: Input) => Scalar;

/** The mean of the negative cosines of pairs (prediction, target). */
const cosines =
  (...pairs: readonly (readonly [p: string, z: string])[]): Loss =>
  (tf, input) =>
    tf.mean(tf.stack(pairs.map(([p, z]) => negativeCosine(tf, input(p), input(z)))));

const CROSSED = [
  ['p1', 'z2'],
  ['p2', 'z1'],
] as const;
const QUANTIZED = [
  ['op1', 'z2'],
  ['op2', 'z1'],
] as const;

/** By the name of the golden case. A loss that is new is entered here; until then its goldens fail, with that reason. */
const LOSSES: { readonly [name: string]: Loss | undefined } = {
  'CosineSimilarity pred=[p1,p2] target=[z1,z2]': cosines(...CROSSED),
  'CosineSimilarity pred=[p1,p2] target=[z1,z2,oz1,oz2]': cosines(...CROSSED, ['p1', 'oz2'], ['p2', 'oz1']),
  'CosineSimilarity pred=[p1,p2,op1,op2] target=[z1,z2]': cosines(...CROSSED, ...QUANTIZED),
  'CosineSimilarity pred=[p1,p2,op1,op2] target=[z1,z2,oz1,oz2]': cosines(
    ...CROSSED,
    ...QUANTIZED,
    ['op1', 'oz2'],
    ['op2', 'oz1'],
  ),
  // 2 - 2 cos of both directions.
  'CosineSimilarityv2 (BYOL style 2-2cos, both directions summed, then batch mean) pred=[p1,p2] target=[z1,z2]': (
    tf,
    input,
  ) => tf.add(tf.mul(cosines(...CROSSED)(tf, input), 4), 4),
  'CosineSimilarity with row 3 of p1 set to zero': cosines(['p1zero', 'z2'], ['p2', 'z1']),
};

/** Losses and their gradients. */
export function lossCases(file: string): readonly ParityCase[] {
  return readGolden<{ cases: Case[] }>(file).cases.map(({ name, loss, grads }) => {
    const compared = LOSSES[name];
    if (compared === undefined) return unmatched(name, 'no such loss is built yet');
    return {
      name,
      async measure({ tf }): Promise<Measure[]> {
        const names = Object.keys(grads).filter((one) => grads[one]);
        const given = names.map(inputOf);
        const evaluate = (): Scalar => compared(tf, (one) => given[names.indexOf(one)] ?? inputOf(one));
        const { value, grads: gradients } = tf.engine().gradients(evaluate, given);
        return [
          measureNumber(value.dataSync()[0]!, loss, 1e-6, 'loss'),
          ...names.map((one, i) => measure(toHost(gradients[i]!), grads[one]!, 1e-5, `gradient of ${one}`)),
        ];
      },
    };
  });
}

function inputOf(name: string): Tensor2D {
  const tensor = recipe(`d/${name === 'p1zero' ? 'p1' : name}`, [8, 16]);
  if (name === 'p1zero') tensor.values.fill(0, 3 * 16, 4 * 16);
  return toTensor(tensor) as Tensor2D;
}
