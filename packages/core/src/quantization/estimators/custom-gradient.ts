import type { GradSaveFunc, Tensor } from '@tensorflow/tfjs-core';
import type { Tensors, Tf } from '../../engine/engine.js';

/**
 * Computes a value with a gradient that the author defines. Straight-through estimators, learned scales and clipping values use it.
 *
 *     customGradient(
 *       tf,
 *       { x, clip },
 *       ({ x, clip }) => ({ value: tf.minimum(tf.round(x), clip), saved: { x, clip } }),
 *       (dy, { x, clip }) => ({
 *         x: tf.mul(dy, tf.less(x, clip)),
 *         clip: sumTo(tf, tf.mul(dy, tf.greaterEqual(x, clip)), clip),
 *       }),
 *     );
 *
 * Neither function is differentiated. Tensors that they use from outside, such as bit widths, are constants of the backward pass.
 * @param inputs the tensors that gradient passes to, by name
 * @param forward computes the value, of any shape, and names the tensors that the gradient needs. They are kept until the backward pass;
 * if nothing is differentiated, they are not kept.
 * @param gradient the gradient of each input, by the input's name: float32, of the input's shape. `dy`, of the value's shape, is the
 * gradient of the value. The compiler rejects a missing name and a name that is not an input.
 */
export function customGradient<
  I extends Tensors,
  V extends Tensor,
  G extends { readonly [K in keyof I]: Tensor },
  S extends Tensors = Record<never, never>,
>(
  tf: Tf,
  inputs: I,
  forward: (inputs: I) => { readonly value: V; readonly saved?: S },
  gradient: (dy: V, saved: S) => G & { readonly [K in Exclude<keyof G, keyof I>]: never },
): V {
  const names = Object.keys(inputs);
  const operation = tf.customGrad((...list) => {
    // tfjs's type for this list is mixed: the inputs, then the save function.
    const [values, save] = [list.slice(0, -1) as Tensor[], list.at(-1) as GradSaveFunc];
    const { value, saved = {} } = forward(named(names, values) as I);
    save(Object.values(saved));
    return {
      // An input that is returned unchanged would be both input and output of one operation, and its gradient would count twice.
      value: values.includes(value) ? tf.clone(value) : value,
      gradFunc(dy: Tensor, tensors: Tensor[]) {
        // `dy` has the value's shape, and `tensors` are those that were saved.
        const gradients: Tensors = gradient(dy as V, named(Object.keys(saved), tensors) as S);
        return distinct(
          tf,
          names.map((name) => gradients[name]!),
          [dy, ...tensors],
        );
      },
    };
  });
  return operation(...Object.values(inputs)) as V; // tfjs loses the shape of `value`
}

function named(names: readonly string[], tensors: readonly Tensor[]): Tensors {
  return Object.fromEntries(names.map((name, index) => [name, tensors[index]!]));
}

/** tfjs frees a gradient after adding another to it, so nothing else may hold the tensor. */
function distinct(tf: Tf, gradients: readonly Tensor[], held: readonly Tensor[]): Tensor[] {
  const taken = new Set(held);
  return gradients.map((tensor) => {
    const free = taken.has(tensor) ? tf.clone(tensor) : tensor;
    taken.add(free);
    return free;
  });
}
