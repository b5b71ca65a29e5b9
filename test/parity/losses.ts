import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { stopGradient, type Tf } from '@ssql/core';
import { infoNce } from '../../packages/plugins/src/losses/info-nce.js';
import { negativeCosine } from '../../packages/plugins/src/losses/negative-cosine.js';
import { ntXent } from '../../packages/plugins/src/losses/nt-xent.js';
import { unitLength } from '../../packages/plugins/src/losses/unit-length.js';
import { goldenRecipe, measure, measureNumber, readGolden, type Golden, type Measure } from '../golden/golden.js';
import type { HostTensor } from '../golden/recipe.js';
import { toHost, toTensor } from '../plugins/context.js';
import { unmatched, type ParityCase } from './parity-case.js';
import { shapeIn } from './stated.js';

interface File {
  /** The shape of the inputs, in words. */
  readonly description: string;
  readonly cases: readonly Case[];
}

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

/** Forms of a loss that differ by temperature: the name with the temperature in it, and the loss. */
const AT_TEMPERATURE: readonly (readonly [name: RegExp, loss: (temperature: number, name: string) => Loss])[] = [
  // The official SupCon form without labels is the same loss.
  [
    /^InfoNCE(?:v2 \(NT-Xent\)| \(SupCon form, no labels\)) T=([\d.]+) on normalize\(f1raw\), normalize\(f2raw\)$/,
    (temperature) => (tf, input) => ntXent(tf, input('f1raw'), input('f2raw'), temperature),
  ],
  [
    /^InfoNCEv2 with lists \[f,g\] \(mean of two NT-Xent losses\) T=([\d.]+)$/,
    (temperature) => (tf, input) =>
      tf.div(
        tf.add<Scalar>(
          ntXent(tf, input('f1raw'), input('f2raw'), temperature),
          ntXent(tf, input('g1raw'), input('g2raw'), temperature),
        ),
        2,
      ),
  ],
  [
    /^MoCo InfoNCE .*, T=([\d.]+), cross-entropy label 0$/,
    (temperature, name) => (tf, input) => {
      const positives = stopGradient(unitLength(tf, input('f2raw')));
      const queue = toTensor(goldenRecipe('d/queue', shapeIn(name))) as Tensor2D;
      const keys = { positives, negatives: unitLength(tf, tf.transpose(queue)) };
      return infoNce(tf, unitLength(tf, input('f1raw')), keys, temperature);
    },
  ],
  // No loss of ours: the official helper, which nothing calls, takes neighbours of the batch for pairs. Written out, so that it is not left out.
  [/^unused helper nt_xent t=([\d.]+) /, (temperature) => (tf, input) => unusedNtXent(tf, input, temperature)],
];

/** By the name of the golden case; a loss that is new is entered here or above. */
const NAMED: { readonly [name: string]: Loss | undefined } = {
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
};

const UNUSED = 'the official helper, which nothing calls, pairs neighbours of the batch; no loss of ours does';

/** What the official helper computes, a known error: row 2k is paired with row 2k+1, and cosines below 1e-7 count as 1e-7. */
function unusedNtXent(tf: Tf, input: Input, temperature: number): Scalar {
  const all = unitLength(tf, tf.concat([input('f1raw'), input('f2raw')], 0));
  const logits = tf.div<Tensor2D>(tf.maximum(tf.matMul(all, all, false, true), 1e-7), temperature);
  const count = all.shape[0];
  const neighbours = tf.tensor2d(
    Array.from({ length: count }, (_, i) => Array.from({ length: count }, (_, j) => +(j === (i ^ 1)))),
  );
  const others = tf.sub(1, tf.eye(count));
  const positive = tf.sum(tf.mul(logits, neighbours), 1);
  return tf.mean(tf.sub(tf.log(tf.sum(tf.mul(tf.exp(logits), others), 1)), positive));
}

const ZERO_ROW = /^CosineSimilarity with row (\d+) of p1 set to zero$/;

function lossOf(name: string): Loss | undefined {
  for (const [form, loss] of AT_TEMPERATURE) {
    const found = form.exec(name);
    if (found) return loss(Number(found[1]), name);
  }
  if (ZERO_ROW.test(name)) return cosines(['p1zero', 'z2'], ['p2', 'z1']);
  return NAMED[name];
}

/** Losses and their gradients. */
export function lossCases(file: string): readonly ParityCase[] {
  const { description, cases } = readGolden<File>(file);
  const shape = shapeIn(description);
  return cases.map(({ name, loss, grads }) => {
    const inputOf = (input: string): Tensor2D => toTensor(inputValues(input, shape, name)) as Tensor2D;
    const compared = lossOf(name);
    if (compared === undefined) return unmatched(name, 'no such loss is built yet');
    return {
      name,
      async measure({ tf }): Promise<Measure[]> {
        const names = Object.keys(grads).filter((one) => grads[one]);
        const given = names.map(inputOf);
        const evaluate = (): Scalar => compared(tf, (one) => given[names.indexOf(one)] ?? inputOf(one));
        const { value, grads: gradients } = tf.engine().gradients(evaluate, given);
        return [
          measureNumber(value.dataSync()[0]!, loss, 1e-6, /^unused/.test(name) ? `not ours: ${UNUSED}` : 'loss'),
          ...names.map((one, i) => measure(toHost(gradients[i]!), grads[one]!, 1e-5, `gradient of ${one}`)),
        ];
      },
    };
  });
}

/** An input [N,D] of a loss; the loss's name says which row of `p1zero` is zero. */
function inputValues(input: string, shape: readonly number[], loss: string): HostTensor {
  if (input !== 'p1zero') return goldenRecipe(`d/${input}`, shape);
  const tensor = goldenRecipe('d/p1', shape);
  const row = Number(ZERO_ROW.exec(loss)![1]);
  tensor.values.fill(0, row * shape[1]!, (row + 1) * shape[1]!);
  return tensor;
}
