import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import {
  clamp,
  codesOf,
  customGradient,
  levelCount,
  nonZero,
  roundStraightThrough,
  straightThrough,
  sumTo,
  within,
  withoutGradient,
} from '@ssql/core';
import { assertDerivative } from '../../packages/core/src/testing/finite-differences.js';
import { onCpu } from '../plugins/context.js';

const X = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, -0.2, 0.7];
const DY = X.map((_, i) => Math.cos(i));

describe('estimators', () => {
  onCpu();
  /** Each test frees what it makes, and nothing else is left behind. */
  let tensors: number;
  beforeEach(() => {
    tensors = tf.memory().numTensors;
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
    assert.equal(tf.memory().numTensors, tensors, 'tensors are left');
  });

  describe('customGradient', () => {
    /** x times scale, a scalar or one number per channel, with its true gradient. */
    const scaled = (x: tf.Tensor, scale: tf.Tensor): tf.Tensor =>
      customGradient(
        tf,
        { x, scale },
        ({ x, scale }) => ({ value: tf.mul(x, scale), saved: { scale, x } }),
        // Names count, not their order.
        (dy, { x, scale }) => ({ scale: sumTo(tf, tf.mul(dy, x), scale), x: tf.mul(dy, scale) }),
      );

    it('gives each input the gradient of its name', () => {
      const [x, dy] = [tf.tensor(X, [2, 2, 2]), tf.tensor(DY, [2, 2, 2])];
      for (const scale of [tf.scalar(1.7), tf.tensor1d([1.7, -0.3])]) {
        const { value, grads } = tf.valueAndGrads((...[x, scale]) => scaled(x!, scale!))([x, scale], dy);
        assert.deepEqual(numbers(value), numbers(tf.mul(x, scale)));
        assertDerivative(tf, (x) => tf.mul(x, scale), { x, dy, gradient: grads[0]! }, 'x');
        assertDerivative(tf, (scale) => tf.mul(x, scale), { x: scale, dy, gradient: grads[1]! }, 'scale');
      }
    });

    it('is tf.customGrad, to the digit', () => {
      const plain = tf.customGrad((...list) => {
        const [x, scale, save] = list as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
        save([x, scale]);
        return {
          value: tf.mul(x, scale),
          gradFunc: (dy: tf.Tensor, [x, scale]: tf.Tensor[]) => [tf.mul(dy, scale!), tf.sum(tf.mul(dy, x!))],
        };
      });
      const both = [plain, scaled].map((f) =>
        tf.valueAndGrads((...[x, scale]) => f(x!, scale!))([tf.tensor1d(X), tf.scalar(1.7)], tf.tensor1d(DY)),
      );
      const [expected, actual] = both.map(({ value, grads }) => [value, ...grads].map(numbers));
      assert.deepEqual(actual, expected);
    });

    it('lets nothing pass to what the functions take from outside', () => {
      const outside = (x: tf.Tensor): tf.Tensor =>
        customGradient(
          tf,
          { y: tf.mul(x, 3) },
          ({ y }) => ({ value: tf.mul(y, x) }),
          (dy) => ({ y: tf.mul(dy, 2) }),
        );
      assert.deepEqual(numbers(tf.grad(outside)(tf.tensor1d([5, 7]))), [6, 6]);
    });

    it('keeps nothing where nothing is differentiated', () => {
      const [x, scale] = [tf.tensor1d(X), tf.scalar(2)];
      const before = tf.memory().numTensors;
      scaled(x, scale);
      assert.equal(tf.memory().numTensors, before + 1);
    });

    it('takes `dy`, what was saved and an input for a gradient, as they are', () => {
      const sum = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
        customGradient(
          tf,
          { a, b },
          ({ a, b }) => ({ value: tf.add(a, b) }),
          (dy) => ({ a: dy, b: dy }),
        );
      // a and b get more gradient elsewhere, which tfjs adds, and frees what it has added.
      const twice = (...[a, b]: tf.Tensor[]): tf.Tensor => tf.add(sum(a!, b!), tf.add(tf.mul(a!, 2), tf.mul(b!, 3)));
      const dy = tf.tensor1d([1, 10]);
      const found = tf.grads(twice)([tf.tensor1d([1, 2]), tf.tensor1d([3, 4])], dy);
      assert.deepEqual(found.map(numbers), [
        [3, 30],
        [4, 40],
      ]);
      assert.deepEqual(numbers(dy), [1, 10]);

      const constant = (x: tf.Tensor): tf.Tensor =>
        customGradient(
          tf,
          { x },
          ({ x }) => ({ value: tf.square(x), saved: { slope: tf.mul(x, 2) } }),
          (_, { slope }) => ({ x: slope }),
        );
      assert.deepEqual(numbers(tf.grad(constant)(tf.tensor1d([1, 2]))), [2, 4]);

      const same = (x: tf.Tensor): tf.Tensor =>
        customGradient(
          tf,
          { x },
          ({ x }) => ({ value: x }),
          (dy) => ({ x: tf.neg(dy) }),
        );
      assert.deepEqual(numbers(tf.grad(same)(tf.tensor1d([1, 2]))), [-1, -1]);
    });

    it('refuses a gradient that is missing, where no compiler did', () => {
      const missing = (x: tf.Tensor): tf.Tensor =>
        customGradient(
          tf,
          { x },
          ({ x }) => ({ value: tf.square(x) }),
          () => ({}) as { x: tf.Tensor }, // as a plugin in plain JavaScript may
        );
      assert.throws(() => tf.grad(missing)(tf.tensor1d([1])), /list of only tensors/);
    });
  });

  it('straightThrough quantizes, and passes all gradient, also where it clips', () => {
    const clip = tf.variable(tf.scalar(1));
    const sign = (x: tf.Tensor): tf.Tensor =>
      straightThrough(tf, x, (x) => tf.mul(tf.sign(x), tf.minimum(tf.abs(x), clip)));
    const { value, grad } = tf.valueAndGrad(sign)(tf.tensor1d([-3, 0.5, 3]), tf.tensor1d([1, 10, 100]));
    assert.deepEqual(numbers(value), [-1, 0.5, 1]);
    assert.deepEqual(numbers(grad), [1, 10, 100]);
    // To what it takes besides x, nothing passes.
    assert.throws(() => tf.variableGrads(() => tf.sum(sign(tf.tensor1d([3]))), [clip]), /Cannot find a connection/);
    clip.dispose();
  });

  it('roundStraightThrough rounds half to even, with the gradient of the identity', () => {
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => roundStraightThrough(tf, x))(
      tf.tensor1d(X),
      tf.tensor1d(DY),
    );
    assert.deepEqual(
      numbers(value).map((rounded) => rounded + 0), // no negative zeros
      [-2, -2, 0, 0, 2, 2, 0, 1],
    );
    assert.deepEqual(numbers(grad), numbers(tf.tensor1d(DY)));
  });

  it('levelCount and codesOf are exact at every width', () => {
    for (let bits = 1; bits <= 16; bits += 1) {
      assert.deepEqual(numbers(levelCount(tf, tf.scalar(bits))), [2 ** bits]);
      const codes = (signed: boolean): number[] =>
        Object.values(codesOf(tf, tf.scalar(bits), signed)).flatMap((code) => numbers(code));
      assert.deepEqual(codes(true), [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]);
      assert.deepEqual(codes(false), [0, 2 ** bits - 1]);
    }
  });

  it('clamp has the gradient that within says, bounds included, and that of differences', () => {
    const [x, dy] = [tf.tensor1d([...X, -1, 1]), tf.tensor1d([...DY, 3, 5])];
    const found = tf.grad((x: tf.Tensor) => clamp(tf, x, -1, 1))(x, dy);
    assert.deepEqual(numbers(found), numbers(tf.mul(dy, within(tf, x, -1, 1))));
    assert.deepEqual(numbers(within(tf, x, -1, 1)), [0, 0, 1, 1, 0, 0, 1, 1, 1, 1]);
    assertDerivative(tf, (x) => clamp(tf, x, -1, 1), { x, dy, gradient: found }, 'clamp');
    // Bounds of channels.
    const rows = tf.tensor2d([-3, -3, 3, 3], [2, 2]);
    const channels = clamp(tf, rows, tf.tensor1d([-1, -2]), tf.tensor1d([1, 2]));
    assert.deepEqual(numbers(channels), [-1, -2, 1, 2]);
    assert.deepEqual(numbers(within(tf, rows, tf.tensor1d([-1, -3]), tf.tensor1d([3, 2]))), [0, 1, 1, 0]);
  });

  it('clamp passes gradient to bounds of the shape of x, where they are taken', () => {
    const [x, dy] = [tf.tensor1d(X), tf.tensor1d(DY)];
    const highest = tf.fill([X.length], 1);
    const gradient = tf.grad((highest: tf.Tensor) => clamp(tf, x, -1, highest))(highest, dy);
    assertDerivative(tf, (highest) => clamp(tf, x, -1, highest), { x: highest, dy, gradient }, 'highest');
  });

  it('nonZero is 1 in place of 0, with the gradient of differences elsewhere', () => {
    const [x, dy] = [tf.tensor1d([0, -2, 0.5, 0, 3]), tf.tensor1d([1, 2, 3, 4, 5])];
    assert.deepEqual(numbers(nonZero(tf, x)), [1, -2, 0.5, 1, 3]);
    const gradient = tf.grad((x: tf.Tensor) => nonZero(tf, x))(x, dy);
    assert.deepEqual(numbers(gradient), [0, 2, 3, 0, 5]);
    assertDerivative(tf, (x) => nonZero(tf, x), { x, dy, gradient }, 'nonZero');
  });

  it('sumTo sums over the axes that a scalar or numbers of channels were broadcast along', () => {
    const gradient = tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [2, 2, 3]);
    const ofScalar = sumTo(tf, gradient, tf.scalar(1));
    assert.deepEqual([ofScalar.shape, numbers(ofScalar)], [[], [78]]);
    const ofChannels = sumTo(tf, gradient, tf.tensor1d([1, 1, 1]));
    assert.deepEqual([ofChannels.shape, numbers(ofChannels)], [[3], [22, 26, 30]]);
    const ofEach = sumTo(tf, gradient, tf.ones([2, 2, 3]));
    assert.deepEqual([ofEach.shape, numbers(ofEach)], [[2, 2, 3], numbers(gradient)]);
  });

  it('withoutGradient makes a constant of what has no gradient', () => {
    const masked = (x: tf.Tensor): tf.Tensor =>
      tf.mul(
        x,
        withoutGradient(tf, () => tf.add(tf.round(x), x)),
      );
    assert.deepEqual(numbers(tf.grad(masked)(tf.tensor1d([1, 2]))), [2, 4]);
  });
});

function numbers(tensor: tf.Tensor): number[] {
  return [...tensor.dataSync()];
}
