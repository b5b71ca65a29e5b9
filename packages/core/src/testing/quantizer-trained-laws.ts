import assert from 'node:assert/strict';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Tensors } from '../engine/engine.js';
import { random } from '../random.js';
import { assertFinite } from './assertions.js';
import { gradientsOf, movedTensors, widthsOf, type QuantizerLaw, type QuantizerSubject } from './quantizer-subject.js';
import { normal, scattered, sweeps, type Sample } from './samples.js';

/** So many values of x for each channel that a sum over them hardly notices where the steps of a level are. */
const POINTS = 1025;
/** Smooth upstream gradients, and directions in which a trained tensor is moved. */
const UPSTREAMS = 4;
const DIRECTIONS = 3;
/** Trained tensors, relative to their initial values: as they may become, and so small that a clipping value clips at any width. */
const SIZES = [0.6, 0.05];
/** How far a trained tensor is moved, relative to its largest magnitude. */
const STEP = 0.05;
/** Least agreement, by angle, of the gradients and the differences. */
const AGREEMENT = 0.9;

/** Laws of the tensors that a quantizer trains. */
export const QUANTIZER_TRAINED_LAWS: readonly QuantizerLaw[] = Object.freeze<QuantizerLaw[]>([
  {
    name: 'every tensor that it trains gets a finite gradient',
    check(subject) {
      const { tf } = subject.engine;
      for (const bits of widthsOf(subject.extra)) {
        for (const { title, x, range } of scattered(tf, subject.made.granularity, 16)) {
          const dy = normal(tf, x.shape, 'upstream');
          const { x: _, ...gradients } = gradientsOf(subject, { x, dy, bits: tf.scalar(bits), range: () => range });
          const shapes = subject.made.trainables?.(x.shape, subject.extra.operand ?? 'weights') ?? {};
          for (const [name, gradient] of Object.entries(gradients)) {
            assert.ok(gradient, `${name} has no gradient at ${bits} bits (${title})`);
            assert.deepEqual(gradient.shape, [...shapes[name]!.shape], `the shape of the gradient of ${name}`);
            assertFinite(gradient.dataSync(), `the gradient of ${name} at ${bits} bits (${title})`);
          }
        }
      }
    },
  },
  {
    name: 'the gradient of each tensor that it trains has the direction of its effect',
    check(subject) {
      const { tf } = subject.engine;
      if (subject.made.trainables === undefined) return;
      for (const bits of widthsOf(subject.extra)) {
        const samples = sweeps(tf, subject.made.granularity, POINTS);
        const slopes = samples.flatMap((sample) =>
          SIZES.map((size) => slopesOf(subject, sample, tf.scalar(bits), movedTensors(subject, sample.x, size))),
        );
        for (const name of new Set(slopes.flatMap((slopesOfSample) => [...slopesOfSample.keys()]))) {
          const pairs = slopes.flatMap((slopesOfSample) => slopesOfSample.get(name) ?? []);
          const agreement = cosineOf(pairs);
          assert.ok(
            agreement >= AGREEMENT,
            `the gradient of ${name} at ${bits} bits and finite differences of the quantized values agree by ${agreement.toFixed(2)}; ` +
              `expected at least ${AGREEMENT}, where 1 is the same direction and -1 the opposite`,
          );
        }
      }
    },
  },
]);

interface Slope {
  readonly gradient: number;
  readonly difference: number;
}

/**
 * Slopes of sum(dy fakeQuantize(x)) along directions of each trained tensor: by its gradient, and by finite differences of the quantized
 * values. Methods scale their gradients and ignore single steps of the rounding, so that only directions can be compared, and only for
 * sums over many values with smooth dy.
 */
function slopesOf(
  subject: QuantizerSubject,
  { x, range }: Sample,
  bits: Scalar,
  trained: Tensors,
): Map<string, readonly Slope[]> {
  const { tf } = subject.engine;
  const valuesAt = (moved: Tensors): Float32Array =>
    Float32Array.from(tf.tidy(() => subject.made.fakeQuantize(x, range, bits, { ...trained, ...moved }).dataSync()));
  const upstreams = Array.from({ length: UPSTREAMS }, (_, index) => tf.cos(tf.add(tf.mul(x, 0.3 * index), index)));
  const gradients = upstreams.map((dy) => gradientsOf(subject, { x, dy, bits, range: () => range }, trained));
  return new Map(
    Object.entries(trained).map(([name, value]) => {
      const distance = STEP * Math.max(1e-3, ...value.dataSync().map(Math.abs));
      const slopes = directionsOf(tf.tensor, value.shape, name).flatMap((direction): Slope[] => {
        const ends = [-distance, distance].map((step) => valuesAt({ [name]: tf.add(value, tf.mul(direction, step)) }));
        return upstreams.map((dy, index) => {
          const upstream = dy.dataSync();
          const change = ends[1]!.reduce((sum, end, i) => sum + upstream[i]! * (end - ends[0]![i]!), 0);
          const gradient = gradients[index]![name];
          const slope = gradient ? tf.sum(tf.mul(gradient, direction)).dataSync()[0]! : 0;
          return { gradient: slope, difference: change / (2 * distance) };
        });
      });
      return [name, slopes] as const;
    }),
  );
}

/** Random directions of a shape: one for a scalar. */
function directionsOf(
  make: (values: Float32Array, shape: number[]) => Tensor,
  shape: number[],
  name: string,
): readonly Tensor[] {
  const size = shape.reduce((product, length) => product * length, 1);
  return Array.from({ length: size === 1 ? 1 : DIRECTIONS }, (_, index) => {
    const source = random(1, `direction of ${name}`, index);
    return make(
      Float32Array.from({ length: size }, () => (size === 1 ? 1 : 2 * source.uniform() - 1)),
      shape,
    );
  });
}

function cosineOf(slopes: readonly Slope[]): number {
  const sum = (term: (slope: Slope) => number): number => slopes.reduce((total, slope) => total + term(slope), 0);
  const lengths = Math.sqrt(sum(({ gradient }) => gradient ** 2) * sum(({ difference }) => difference ** 2));
  return sum(({ gradient, difference }) => gradient * difference) / lengths;
}
