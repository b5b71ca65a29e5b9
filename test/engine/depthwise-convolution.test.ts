import * as tf from '@tensorflow/tfjs-core';
import { openEngine } from '../../packages/core/src/engine/open-engine.js';
import { type Engine } from '@ssql/core';
import { findLibrary } from '@ssql/core/run';
import { assertClose, assertNothingLeaked, forwardAndGradients, values, type Compute } from './tensors.js';

for (const use of ['tensorflow', 'wasm', 'cpu'] as const) {
  describe(`depthwise convolution and relu6 on ${use}`, function () {
    let engine: Engine;
    before(async function () {
      if (use === 'tensorflow' && findLibrary() === undefined) {
        this.test!.title += ' (libtensorflow is not installed here: run `ssql engine install`)';
        return this.skip();
      }
      engine = await openEngine({ use });
      return undefined;
    });
    after(() => engine?.close());

    const depthwise =
      (options: { readonly stride: number; readonly padding: number }): Compute =>
      (x, filter) =>
        engine.ops.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, options);

    for (const { input, kernel, stride, padding } of [
      { input: [2, 5, 6, 3], kernel: 3, stride: 1, padding: 1 },
      { input: [2, 7, 6, 4], kernel: 3, stride: 2, padding: 1 },
      { input: [1, 9, 8, 2], kernel: 5, stride: 2, padding: 2 },
      { input: [2, 6, 6, 1], kernel: 5, stride: 1, padding: 0 },
      { input: [3, 4, 5, 8], kernel: 1, stride: 1, padding: 0 },
    ] as const)
      it(`of [${input.join()}], ${kernel}x${kernel}, stride ${stride}, padding ${padding}, is the sum of its definition`, () => {
        const x = values([...input]);
        const filter = values([kernel, kernel, 1, input[3]], 2);
        const found = forwardAndGradients(depthwise({ stride, padding }), [x, filter]);
        const outputSize = (length: number): number => Math.floor((length + 2 * padding - kernel) / stride) + 1;
        const output = [input[0], outputSize(input[1]), outputSize(input[2]), input[3]] as const;
        const dy = values([...output], 7).dataSync();
        const expected = definition(x.dataSync(), filter.dataSync(), dy, { input, output, kernel, stride, padding });
        const names = ['y', 'dx', 'dfilter'];
        found.forEach((array, i) => assertClose(array, expected[i]!, 1e-5, names[i]));
      });

    it('relu6 passes the gradient strictly between 0 and 6', () => {
      const [y, dx] = forwardAndGradients((x) => engine.ops.relu6(x!), [tf.tensor([-2, 0, 3, 6, 7])]);
      const dy = values([5], 7).dataSync();
      assertClose(y!, [0, 0, 3, 6, 6], 0);
      assertClose(dx!, [0, 0, dy[2]!, 0, 0], 0);
    });

    it('leave no tensors, with and without a gradient', () => {
      const inputs = [values([2, 5, 5, 3]), values([3, 3, 1, 3], 2)];
      const compute: Compute = (...given) => engine.ops.relu6(depthwise({ stride: 2, padding: 1 })(...given));
      assertNothingLeaked(() => {
        tf.tidy(() => void compute(...inputs));
        forwardAndGradients(compute, inputs);
      });
    });
  });
}

interface Geometry {
  readonly input: readonly [number, number, number, number];
  readonly output: readonly [number, number, number, number];
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

/** y, dx and dfilter in double precision, from y[n,i,j,c] = sum over k,l of x[n, s i + k - p, s j + l - p, c] filter[k,l,c]. */
function definition(
  x: ArrayLike<number>,
  filter: ArrayLike<number>,
  dy: ArrayLike<number>,
  { input, output, kernel, stride, padding }: Geometry,
): [number[], number[], number[]] {
  const zeros = (size: number): number[] => new Array<number>(size).fill(0);
  const [y, dx, dfilter] = [zeros(dy.length), zeros(x.length), zeros(filter.length)];
  const [, height, width, channels] = input;
  const [count, rows, columns] = output;
  for (let n = 0; n < count; n++)
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++)
        for (let k = 0; k < kernel; k++)
          for (let l = 0; l < kernel; l++) {
            const [row, column] = [stride * i + k - padding, stride * j + l - padding];
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            for (let c = 0; c < channels; c++) {
              const at = ((n * height + row) * width + column) * channels + c;
              const to = ((n * rows + i) * columns + j) * channels + c;
              const of = (k * kernel + l) * channels + c;
              y[to]! += x[at]! * filter[of]!;
              dx[at]! += dy[to]! * filter[of]!;
              dfilter[of]! += dy[to]! * x[at]!;
            }
          }
  return [y, dx, dfilter];
}
