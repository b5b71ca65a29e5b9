import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Tensors } from '../engine/engine.js';
import type { Range, Operand } from '../kinds/quantizer.js';
import { initialParameter } from '../train/quantizer-parameters.js';
import type { Law, Subject } from './law.js';

/** What a case of a quantizer may give. */
export interface QuantizerExtra {
  /** The bit widths that it is for; 2, 3, 4 and 8 by default. */
  readonly bits?: readonly number[];
  /** What it quantizes, for the tensors that it trains; weights by default. */
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

/** The tensors that the quantizer trains at a site, each as it begins where the site has `x`. */
export function parametersOf({ engine: { tf }, made, given }: QuantizerSubject, x: Tensor): Tensors {
  const entries = Object.entries(made.trainables?.(x.shape, given.operand ?? 'weights') ?? {});
  return Object.fromEntries(entries.map(([name, one]) => [name, initialParameter(tf, one, x)]));
}

/** Quantizes as a site does: with the tensors that the quantizer trains, if it does, as they begin with `first`. */
export function quantize(subject: QuantizerSubject, x: Tensor, range: Range, bits: number, first: Tensor = x): Tensor {
  return subject.made.fakeQuantize(x, range, subject.engine.tf.scalar(bits), parametersOf(subject, first));
}

/** The smallest and the largest value of x, as an observer finds them; differentiable. */
export function liveRange({ companions: { observer }, engine: { tf }, made }: QuantizerSubject, x: Tensor): Range {
  return observer.range(observer.observe(x, made.granularity), tf.scalar(WIDTHS[0])); // of any width: it takes min and max
}

/** The columns of a tensor [rows,channels]. */
export function columns(x: Tensor): readonly Float32Array[] {
  const channels = x.shape[x.rank - 1] ?? 1;
  const values = x.dataSync();
  return Array.from({ length: channels }, (_, channel) =>
    Float32Array.from({ length: values.length / channels }, (_, row) => values[row * channels + channel]!),
  );
}

/** The gradients of sum(dy fakeQuantize(x)), by name: of `x` and of what the quantizer trains; one may have none. */
export function gradientsOf(
  subject: QuantizerSubject,
  { x, dy, bits, range }: { x: Tensor; dy: Tensor; bits: Scalar; range: (x: Tensor) => Range },
): { readonly [name: string]: Tensor | undefined } {
  const { tf } = subject.engine;
  const parameters = parametersOf(subject, x);
  const loss = (): Scalar => tf.sum(tf.mul(dy, subject.made.fakeQuantize(x, range(x), bits, parameters)));
  const { grads } = tf.engine().gradients(loss, [x, ...Object.values(parameters)], undefined, true);
  return Object.fromEntries(['x', ...Object.keys(parameters)].map((name, index) => [name, grads[index]]));
}
