import assert from 'node:assert/strict';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { assertClose, assertCompiles, assertFinite, assertNothingLeaked, assertReadsNothing } from './assertions.js';
import { assertDerivative } from './finite-differences.js';
import {
  batchesOf,
  CHANNELS,
  eachGranularity,
  ends,
  rangeAndGradient,
  rangeOf,
  widthOf,
  type ObserverLaw,
} from './observer-subject.js';
import { flat, normal } from './samples.js';

/** Laws of every observer, at both granularities. */
export const OBSERVER_LAWS: readonly ObserverLaw[] = Object.freeze<ObserverLaw[]>([
  {
    name: 'its range is finite, with its minimum at most its maximum',
    check: (subject) =>
      eachGranularity((granularity) => {
        const batches = batchesOf(subject);
        for (let count = 1; count <= batches.length; count++) {
          const { min, max } = ends(rangeOf(subject, batches.slice(0, count), granularity));
          assertFinite([...min, ...max], `the range of ${count} batches`);
          const crossed = min.findIndex((low, channel) => low > max[channel]!);
          assert.equal(crossed, -1, `the range of ${count} batches is [${min[crossed]}, ${max[crossed]}]`);
        }
      }),
  },
  {
    name: 'its range contains every observed value',
    check: (subject) =>
      eachGranularity((granularity) => {
        const batches = batchesOf(subject);
        const { min, max } = ends(rangeOf(subject, batches, granularity));
        for (const batch of batches) {
          batch.dataSync().forEach((value, index) => {
            const channel = granularity === 'channel' ? index % CHANNELS : 0;
            const inside = value >= min[channel]! && value <= max[channel]!;
            assert.ok(inside, `${value} is not within [${min[channel]}, ${max[channel]}] (${granularity})`);
          });
        }
      }),
  },
  {
    name: 'the order of batches does not matter',
    check: (subject) =>
      eachGranularity((granularity) => {
        const batches = batchesOf(subject);
        const [forward, reversed] = [batches, batches.toReversed()].map((all) =>
          ends(rangeOf(subject, all, granularity)),
        );
        assertClose(
          [...reversed!.min, ...reversed!.max],
          [...forward!.min, ...forward!.max],
          1e-6,
          'the range of batches in reverse',
        );
      }),
  },
  {
    name: 'its range is a scalar, or one value per channel',
    check: (subject) =>
      eachGranularity((granularity) => {
        const { tf } = subject.engine;
        for (const shape of [
          [5, CHANNELS],
          [3, 3, 2, CHANNELS],
        ]) {
          const batches = [normal(tf, shape, 'one'), normal(tf, shape, 'other')];
          const { min, max } = rangeOf(subject, batches, granularity);
          const expected = granularity === 'channel' ? [CHANNELS] : [];
          assert.deepEqual(
            [min.shape, max.shape],
            [expected, expected],
            `the range of [${shape.join()}], ${granularity}`,
          );
        }
      }),
  },
  {
    name: 'its gradient is that of its range',
    check: (subject) =>
      eachGranularity((granularity) => {
        const { tf } = subject.engine;
        const x = batchesOf(subject)[0]!;
        const f = (x: Tensor): Tensor => {
          const { min, max } = rangeOf(subject, [x], granularity);
          return tf.stack([min, max]);
        };
        const dy = normal(tf, f(x).shape, 'upstream');
        const loss = (): Scalar => tf.sum(tf.mul(dy, f(x)));
        const gradient = tf.engine().gradients(loss, [x], undefined, true).grads[0];
        assert.ok(
          gradient,
          'no gradient reaches the observed tensor: a quantized weight would get no gradient through its scale',
        );
        assertDerivative(tf, f, { x, dy, gradient }, granularity);
      }),
  },
  {
    name: 'it is finite on constant and on zero input',
    check: (subject) =>
      eachGranularity((granularity) => {
        for (const { title, x } of flat(subject.engine.tf)) {
          for (const [name, tensor] of Object.entries(rangeAndGradient(subject, x, granularity)))
            assertFinite(tensor.dataSync(), `the ${name} of ${title} (${granularity})`);
        }
      }),
  },
  {
    name: 'it is pure',
    check: (subject) =>
      eachGranularity((granularity) => {
        const { made } = subject;
        const [first, second] = batchesOf(subject) as [Tensor, Tensor]; // there are more
        const state = made.observe(first, granularity);
        const before = snapshot({ ...state, first, second });
        const [next, repeated] = [made.observe(second, granularity, state), made.observe(second, granularity, state)];
        assert.deepEqual(snapshot(repeated), snapshot(next), 'the same batch and state give different states');
        made.range(next, widthOf(subject));
        assert.deepEqual(snapshot({ ...state, first, second }), before, 'the state or the batch is changed');
      }),
  },
  {
    name: 'it leaks no tensor',
    check: (subject) =>
      eachGranularity((granularity) => {
        const [x, second] = batchesOf(subject) as [Tensor, Tensor]; // there are more
        const state = subject.made.observe(x, granularity);
        assertNothingLeaked(subject.engine, { x, second, ...state }, () => {
          subject.made.range(subject.made.observe(second, granularity, state), widthOf(subject));
          rangeAndGradient(subject, x, granularity);
        });
      }),
  },
  {
    name: 'it reads no values on the host',
    check: (subject) =>
      eachGranularity((granularity) => {
        const [first, second] = batchesOf(subject) as [Tensor, Tensor]; // there are more
        assertReadsNothing(subject.engine.tf, () => {
          rangeOf(subject, [first, second], granularity);
          rangeAndGradient(subject, first, granularity);
        });
      }),
  },
  {
    name: 'compiled, it agrees with eager execution',
    engine: 'tensorflow',
    check: (subject) =>
      eachGranularity((granularity) => {
        const [batch1, batch2, batch3, batch4] = batchesOf(subject) as [Tensor, Tensor, Tensor, Tensor];
        const step = ({ first, second }: { readonly first: Tensor; readonly second: Tensor }) => ({
          ...rangeOf(subject, [first, second], granularity),
          ...rangeAndGradient(subject, first, granularity),
        });
        const inputs = { first: batch1, second: batch2 };
        assertCompiles(subject.engine, step, [inputs, { first: batch3, second: batch4 }], 1e-6);
      }),
  },
]);

function snapshot(tensors: { readonly [name: string]: Tensor }): { readonly [name: string]: readonly number[] } {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, [...tensor.dataSync()]]));
}
