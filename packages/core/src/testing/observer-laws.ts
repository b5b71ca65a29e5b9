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

/** What holds for every observer, at both granularities. */
export const OBSERVER_LAWS: readonly ObserverLaw[] = Object.freeze<ObserverLaw[]>([
  {
    name: 'its range is finite, and the minimum not above the maximum',
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
    name: 'its range contains all that it has seen',
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
        const [one, other] = [batches, batches.toReversed()].map((all) => ends(rangeOf(subject, all, granularity)));
        assertClose(
          [...other!.min, ...other!.max],
          [...one!.min, ...one!.max],
          1e-6,
          'the range of batches in reverse',
        );
      }),
  },
  {
    name: 'a range is a scalar, or one of each channel',
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
          'no gradient reaches what it observed: a weight that is quantized would get none through its scale',
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
        const [one, again] = [made.observe(second, granularity, state), made.observe(second, granularity, state)];
        assert.deepEqual(snapshot(again), snapshot(one), 'the same batch on the same state gives another state');
        made.range(one, widthOf(subject));
        assert.deepEqual(snapshot({ ...state, first, second }), before, 'the state or the batch changes');
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
    name: 'compiled, it does the same as eagerly',
    engine: 'tensorflow',
    check: (subject) =>
      eachGranularity((granularity) => {
        const [one, two, three, four] = batchesOf(subject) as [Tensor, Tensor, Tensor, Tensor];
        const step = ({ first, second }: { readonly first: Tensor; readonly second: Tensor }) => ({
          ...rangeOf(subject, [first, second], granularity),
          ...rangeAndGradient(subject, first, granularity),
        });
        const inputs = { first: one, second: two };
        assertCompiles(subject.engine, step, [inputs, { first: three, second: four }], 1e-6);
      }),
  },
]);

function snapshot(tensors: { readonly [name: string]: Tensor }): { readonly [name: string]: readonly number[] } {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, [...tensor.dataSync()]]));
}
