import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Tensors } from '../engine/engine.js';
import type { Range, Operand } from '../kinds/quantizer.js';
import { random } from '../random.js';
import { initialParameter } from '../train/quantizer-parameters.js';
import type { Law, Subject } from './law.js';

/** What a case of a quantizer may add to its options. */
export interface QuantizerExtra {
  /** The bit widths that it supports; 2, 3, 4 and 8 by default. */
  readonly bits?: readonly number[];
  /** The operand that it quantizes, passed to `trainables`; weights by default. */
  readonly operand?: Operand;
}

export type QuantizerLaw = Law<'quantizer', QuantizerExtra>;
export type QuantizerSubject = Subject<'quantizer', QuantizerExtra>;

const WIDTHS = [2, 3, 4, 8] as const;

/** The bit widths of a case, ascending. */
export function widthsOf({ bits = WIDTHS }: QuantizerExtra): readonly [number, ...number[]] {
  const [first = WIDTHS[0], ...others] = [...bits].sort((a, b) => a - b);
  return [first, ...others];
}

/** The tensors that the quantizer trains at a site, with their initial values for `x`. */
export function trainedTensors({ engine: { tf }, made, extra }: QuantizerSubject, x: Tensor): Tensors {
  const entries = Object.entries(made.trainables?.(x.shape, extra.operand ?? 'weights') ?? {});
  return Object.fromEntries(entries.map(([name, trainable]) => [name, initialParameter(tf, trainable, x)]));
}

/** The tensors that the quantizer trains, about `size` times their initial values, each element by an amount of its own. */
export function movedTensors(subject: QuantizerSubject, x: Tensor, size: number): Tensors {
  const { tf } = subject.engine;
  const entries = Object.entries(trainedTensors(subject, x)).map(([name, initial]) => {
    const source = random(1, `moved ${name}`);
    const factors = Float32Array.from({ length: initial.size }, () => size * source.between(0.85, 1.15));
    return [name, tf.mul(initial, tf.tensor(factors, initial.shape))] as const;
  });
  return Object.fromEntries(entries);
}

/** Quantizes as a site does: the quantizer's trained tensors, if any, have their initial values for `first`. */
export function quantize(subject: QuantizerSubject, x: Tensor, range: Range, bits: number, first: Tensor = x): Tensor {
  return subject.made.fakeQuantize(x, range, subject.engine.tf.scalar(bits), trainedTensors(subject, first));
}

/** The smallest and the largest value of x, as an observer finds them; differentiable. */
export function liveRange({ companions: { observer }, engine: { tf }, made }: QuantizerSubject, x: Tensor): Range {
  return observer.range(observer.observe(x, made.granularity), tf.scalar(WIDTHS[0])); // any width: this observer takes min and max
}

/** The columns of a tensor [rows,channels]. */
export function columns(x: Tensor): readonly Float32Array[] {
  const channels = x.shape[x.rank - 1] ?? 1;
  const values = x.dataSync();
  return Array.from({ length: channels }, (_, channel) =>
    Float32Array.from({ length: values.length / channels }, (_, row) => values[row * channels + channel]!),
  );
}

/** The gradients of sum(dy fakeQuantize(x)), by name: of `x` and of what the quantizer trains; `undefined` if no gradient reaches it. */
export function gradientsOf(
  subject: QuantizerSubject,
  { x, dy, bits, range }: { x: Tensor; dy: Tensor; bits: Scalar; range: (x: Tensor) => Range },
  trained: Tensors = trainedTensors(subject, x),
): { readonly [name: string]: Tensor | undefined } {
  const { tf } = subject.engine;
  const loss = (): Scalar => tf.sum(tf.mul(dy, subject.made.fakeQuantize(x, range(x), bits, trained)));
  const { grads } = tf.engine().gradients(loss, [x, ...Object.values(trained)], undefined, true);
  return Object.fromEntries(['x', ...Object.keys(trained)].map((name, index) => [name, grads[index]]));
}
