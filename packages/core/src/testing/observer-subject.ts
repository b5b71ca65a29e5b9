import assert from 'node:assert/strict';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Tensors } from '../engine/engine.js';
import type { Granularity, Range } from '../kinds/quantizer.js';
import type { ObserverState } from '../kinds/observer.js';
import type { Law, Subject } from './law.js';
import { normal } from './samples.js';

/** What a case of an observer may add to its options: nothing. */
export type ObserverExtra = object;

export type ObserverLaw = Law<'observer', ObserverExtra>;
export type ObserverSubject = Subject<'observer', ObserverExtra>;

const GRANULARITIES: readonly Granularity[] = ['tensor', 'channel'];
export const CHANNELS = 3;

/** Checks at both granularities. */
export function eachGranularity(check: (granularity: Granularity) => void): void {
  GRANULARITIES.forEach(check);
}

/** Four batches [8,3] of different scales and offsets. */
export function batchesOf({ engine: { tf } }: ObserverSubject): readonly Tensor[] {
  return [1, 3, 0.5, 2].map((size, index) =>
    tf.add(tf.mul(normal(tf, [8, CHANNELS], `batch ${index}`), size), index - 1),
  );
}

/** The bit width at which the laws read ranges. */
export function widthOf({ engine: { tf } }: ObserverSubject): Scalar {
  return tf.scalar(4);
}

/** The range of batches, folded in order. */
export function rangeOf(subject: ObserverSubject, batches: readonly Tensor[], granularity: Granularity): Range {
  const { made } = subject;
  const states = batches.reduce<ObserverState | undefined>(
    (state, batch) => made.observe(batch, granularity, state),
    undefined,
  );
  assert.ok(states, 'there are batches');
  return made.range(states, widthOf(subject));
}

/** The range of x, and the gradient of its width if there is one. */
export function rangeAndGradient(subject: ObserverSubject, x: Tensor, granularity: Granularity): Tensors {
  const { tf } = subject.engine;
  const { min, max } = rangeOf(subject, [x], granularity);
  const spread = (): Scalar => {
    const range = rangeOf(subject, [x], granularity);
    return tf.sum(tf.sub(range.max, range.min));
  };
  const gradient = tf.engine().gradients(spread, [x], undefined, true).grads[0];
  return { minimum: min, maximum: max, ...(gradient ? { gradient } : {}) };
}

/** Both ends of a range as numbers. */
export function ends({ min, max }: Range): { readonly min: readonly number[]; readonly max: readonly number[] } {
  return { min: [...min.dataSync()], max: [...max.dataSync()] };
}
