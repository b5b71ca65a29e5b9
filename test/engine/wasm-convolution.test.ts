import * as tf from '@tensorflow/tfjs-core';
import { composedOps } from '../../packages/core/src/engine/composed-ops.js';
import { openEagerEngine } from '../../packages/core/src/engine/eager-engine.js';
import type { Engine } from '../../packages/core/src/engine/engine.js';
import { assertClose, assertNothingLeaked, forwardAndGradients, values } from './tensors.js';

/** Every kernel size, stride, padding and pair of sizes; channels and batches change along with them. */
function* shapes(): Iterable<{ x: Shape; filter: Shape; stride: number; padding: number }> {
  let n = 0;
  for (const [kernelHeight, kernelWidth] of [
    [1, 1],
    [3, 3],
    [5, 5],
    [1, 3],
    [3, 1],
    [3, 2],
    [2, 4],
  ] as const) {
    for (const stride of [1, 2, 3]) {
      for (const padding of [0, 1, 2]) {
        for (const height of [5, 6, 7, 8, 9]) {
          const [channels, filters] = [1 + (n % 4), 1 + (Math.floor(n / 4) % 4)];
          const x: Shape = [1 + (n % 3), height, 5 + ((height + n) % 5), channels];
          yield { x, filter: [kernelHeight, kernelWidth, channels, filters], stride, padding };
          n++;
        }
      }
    }
  }
}

describe('convolution on wasm', () => {
  let wasm: Engine;
  let cpu: Engine;
  before(async () => {
    wasm = await openEagerEngine('wasm');
    cpu = await openEagerEngine('cpu');
  });
  after(() => {
    wasm.close();
    cpu.close();
  });

  for (const [name, convolve] of [
    ['ops.conv2d', composedOps().conv2d],
    ['tf.conv2d', plain],
  ] as const) {
    it(`${name} has the values and gradients of tfjs on cpu, for every shape`, async () => {
      for (const { x, filter, stride, padding } of shapes()) {
        const results: tf.TypedArray[][] = [];
        for (const backend of ['wasm', 'cpu']) {
          await tf.setBackend(backend);
          assertNothingLeaked(() => {
            const inputs = [values<tf.Rank.R4>(x, 1), values<tf.Rank.R4>(filter, 2)];
            const compute = backend === 'cpu' ? plain : convolve;
            const options = { stride, padding };
            results.push(forwardAndGradients((a, b) => compute(a as tf.Tensor4D, b as tf.Tensor4D, options), inputs));
            tf.dispose(inputs);
          });
        }
        const [found, expected] = results as [tf.TypedArray[], tf.TypedArray[]];
        const location = `x ${x.join()} filter ${filter.join()} stride ${stride} padding ${padding}`;
        found.forEach((array, i) =>
          assertClose(array, expected[i]!, 2e-6, `${location}, ${['y', 'dx', 'dfilter'][i]}`),
        );
      }
    });
  }

  it('has the gradients of a padding that differs from side to side', async () => {
    const compute = (x: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
      tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 2, 'same');
    const results: tf.TypedArray[][] = [];
    for (const backend of ['wasm', 'cpu']) {
      await tf.setBackend(backend);
      results.push(forwardAndGradients(compute, [values([2, 6, 7, 3]), values([3, 3, 3, 4], 2)]));
    }
    const [found, expected] = results as [tf.TypedArray[], tf.TypedArray[]];
    found.forEach((array, i) => assertClose(array, expected[i]!, 2e-6));
  });

  it('agrees with finite differences', async () => {
    await tf.setBackend('wasm');
    const { conv2d } = composedOps();
    tf.tidy(() => {
      const x = values<tf.Rank.R4>([2, 6, 5, 2]);
      const filter = values<tf.Rank.R4>([3, 3, 2, 3], 2);
      const direction = values<tf.Rank.R4>([3, 3, 2, 3], 3);
      const loss = (w: tf.Tensor): tf.Scalar =>
        tf.sum(tf.square(conv2d(x, w as tf.Tensor4D, { stride: 2, padding: 1 })));
      const along = tf.sum(tf.mul(tf.grad(loss)(filter), direction)).dataSync();
      const step = 0.05; // The loss is quadratic, so a central difference is exact for any step.
      const [ahead, behind] = [1, -1].map(
        (sign) => loss(tf.add(filter, tf.mul(direction, sign * step))).dataSync()[0]!,
      );
      assertClose([(ahead! - behind!) / (2 * step)], along, 1e-4);
    });
  });
});

type Shape = [number, number, number, number];

function plain(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  { stride, padding }: { stride: number; padding: number },
): tf.Tensor4D {
  return tf.conv2d(x, filter, stride, [
    [0, 0],
    [padding, padding],
    [padding, padding],
    [0, 0],
  ]);
}
