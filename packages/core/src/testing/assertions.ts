import assert from 'node:assert/strict';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Engine, Step, Tensors, Tf } from '../engine/engine.js';

/** Fails if a value is not finite. */
export function assertFinite(values: ArrayLike<number>, what: string): void {
  for (let i = 0; i < values.length; i++)
    assert.ok(
      Number.isFinite(values[i]),
      `${what} is ${values[i]} at element ${i} of ${values.length}; expected finite`,
    );
}

/** Fails if two lists differ by more than `tolerance` times the larger of 1 and the largest expected magnitude. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  assert.equal(actual.length, expected.length, `${what}: ${actual.length} values instead of ${expected.length}`);
  let size = 1;
  for (let i = 0; i < expected.length; i++) size = Math.max(size, Math.abs(expected[i]!));
  for (let i = 0; i < expected.length; i++) {
    // Written so that NaN is close only to NaN: a separate law checks that values are finite.
    const close = Object.is(actual[i], expected[i]) || Math.abs(actual[i]! - expected[i]!) <= tolerance * size;
    assert.ok(close, `${what}: ${actual[i]} instead of ${expected[i]} at element ${i}`);
  }
}

/** Fails if work within a tidy leaves tensors behind or disposes its inputs. */
export function assertNothingLeaked(engine: Engine, inputs: Tensors, work: () => unknown): void {
  const { tf } = engine;
  const before = engine.memory();
  // Returns nothing, because tidy keeps what is returned.
  tf.tidy(() => void work());
  for (const [name, tensor] of Object.entries(inputs)) assert.ok(!tensor.isDisposed, `its input ${name} is disposed`);
  const after = engine.memory();
  assert.equal(after.tensors - before.tensors, 0, 'tensors outlive the tidy that they were made in');
}

/** Fails if work reads a tensor's values on the host: while a compiled step is traced, tensors have no values. */
export function assertReadsNothing(tf: Tf, work: () => unknown): void {
  const prototype = tf.Tensor.prototype;
  const readers = ['data', 'dataSync', 'array', 'arraySync', 'buffer', 'bufferSync'] as const;
  const originals = readers.map((name) => Object.getOwnPropertyDescriptor(prototype, name));
  const refuse = (): never => assert.fail('it reads the values of a tensor, which a compiled step cannot do');
  readers.forEach((name) =>
    Object.defineProperty(prototype, name, { configurable: true, writable: true, value: refuse }),
  );
  try {
    work();
  } finally {
    readers.forEach((name, index) => {
      const original = originals[index];
      if (original) Object.defineProperty(prototype, name, original);
    });
  }
}

/** Fails if a compiled step differs from the eager one. It is compiled once, for the first inputs, and runs on all of them. */
export function assertCompiles<I extends Tensors>(
  { tf, compile }: Engine,
  step: (inputs: I) => Tensors,
  inputs: readonly [I, ...I[]],
  tolerance: number,
): void {
  const pure: Step<Tensors, I, Tensors> = (state, stepInputs) => ({ state, outputs: step(stepInputs) });
  const compiled = compile(pure, {}, inputs[0]);
  try {
    for (const example of inputs) {
      const eager = tf.tidy(() => step(example));
      const { outputs } = compiled.run({}, example);
      for (const [name, tensor] of Object.entries(eager))
        assertClose(read(outputs[name]), read(tensor), tolerance, `${name}, compiled against eager`);
    }
  } finally {
    compiled.dispose();
  }
}

function read(tensor: Tensor | undefined): Float32Array {
  assert.ok(tensor !== undefined, 'a compiled step lost an output');
  return Float32Array.from(tensor.dataSync());
}
