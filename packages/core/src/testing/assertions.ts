import assert from 'node:assert/strict';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Engine, Step, Tensors, Tf } from '../engine/engine.js';

/** Fails where a value is not finite. */
export function assertFinite(values: ArrayLike<number>, what: string): void {
  for (let i = 0; i < values.length; i++)
    assert.ok(
      Number.isFinite(values[i]),
      `${what} is ${values[i]} at element ${i} of ${values.length}; expected finite`,
    );
}

/** Fails where two lists differ by more than `tolerance` times the larger of 1 and the largest expected magnitude. */
export function assertClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  assert.equal(found.length, expected.length, `${what}: ${found.length} values instead of ${expected.length}`);
  let size = 1;
  for (let i = 0; i < expected.length; i++) size = Math.max(size, Math.abs(expected[i]!));
  for (let i = 0; i < expected.length; i++) {
    // Written so that NaN is close to nothing but NaN: whether values are finite is a law of its own.
    const close = Object.is(found[i], expected[i]) || Math.abs(found[i]! - expected[i]!) <= tolerance * size;
    assert.ok(close, `${what}: ${found[i]} instead of ${expected[i]} at element ${i}`);
  }
}

/** Fails where work within a tidy leaves tensors behind, or disposes what it was given. */
export function assertNothingLeaked(engine: Engine, given: Tensors, work: () => unknown): void {
  const { tf } = engine;
  const before = engine.memory();
  // Nothing is returned, or tidy would let it live.
  tf.tidy(() => void work());
  for (const [name, tensor] of Object.entries(given)) assert.ok(!tensor.isDisposed, `it disposes its input ${name}`);
  const after = engine.memory();
  assert.equal(after.tensors - before.tensors, 0, 'tensors outlive the tidy that they were made in');
}

/** Fails where work reads a tensor's values on the host: a compiled step has none while it is traced. */
export function assertReadsNothing(tf: Tf, work: () => unknown): void {
  const prototype = tf.Tensor.prototype;
  const readers = ['data', 'dataSync', 'array', 'arraySync', 'buffer', 'bufferSync'] as const;
  const originals = readers.map((name) => Object.getOwnPropertyDescriptor(prototype, name));
  const refuse = (): never => assert.fail('it reads the values of a tensor, which a compiled step does not know');
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

/** Fails where a step gives something else compiled than eagerly. Compiled once, for the first inputs, it runs on all of them. */
export function assertCompiles<I extends Tensors>(
  { tf, compile }: Engine,
  step: (inputs: I) => Tensors,
  inputs: readonly [I, ...I[]],
  tolerance: number,
): void {
  const pure: Step<Tensors, I, Tensors> = (state, given) => ({ state, outputs: step(given) });
  const compiled = compile(pure, {}, inputs[0]);
  try {
    for (const given of inputs) {
      const eager = tf.tidy(() => step(given));
      const { outputs } = compiled.run({}, given);
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
