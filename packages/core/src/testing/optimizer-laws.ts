import assert from 'node:assert/strict';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Tensors } from '../engine/engine.js';
import { assertClose, assertCompiles, assertFinite, assertNothingLeaked, assertReadsNothing } from './assertions.js';
import type { Law, Subject } from './law.js';
import { normal } from './samples.js';

/** What a case of an optimizer may add to its options. */
export interface OptimizerExtra {
  /** Whether a zero gradient shrinks values; false by default. */
  readonly decays?: boolean;
}

type OptimizerLaw = Law<'optimizer', OptimizerExtra>;
type OptimizerSubject = Subject<'optimizer', OptimizerExtra>;

/** A kernel, a matrix, and vectors, with names as networks have them. */
export const PARAMETERS: { readonly [name: string]: readonly number[] } = {
  'conv1.weight': [3, 3, 2, 4],
  'bn1.weight': [4],
  'bn1.bias': [4],
  'projector.0.weight': [4, 3],
};
/** Steps on a quadratic. */
const STEPS = 100;

/** Laws of every optimizer. */
export const OPTIMIZER_LAWS: readonly OptimizerLaw[] = Object.freeze<OptimizerLaw[]>([
  {
    name: 'its learning rate is a finite number, not negative',
    check({ made: { learningRate, slots } }) {
      assert.ok(Number.isFinite(learningRate) && learningRate >= 0, `the learning rate is ${learningRate}`);
      assert.equal(new Set(slots).size, slots.length, `slots ${slots.join(', ')} have one name`);
    },
  },
  {
    name: 'it returns the value and every slot, with their shapes',
    check: (subject) =>
      eachParameter(subject, (name) => {
        const state = stateOf(subject, name);
        const { value, slots } = update(subject, name, state, 0.1);
        assert.deepEqual(value.shape, state['value']!.shape, `the shape of ${name}`);
        subject.made.slots.forEach((slot, index) =>
          assert.deepEqual(slots[index]?.shape, state[slot]!.shape, `the shape of the slot ${slot} of ${name}`),
        );
        assert.equal(slots.length, subject.made.slots.length, `${slots.length} slots of ${name}`);
      }),
  },
  {
    name: 'an update is a function of its arguments',
    check(subject) {
      const names = Object.keys(PARAMETERS);
      const valuesOf = (order: readonly string[]) =>
        new Map(order.map((name) => [name, numbers(update(subject, name, stateOf(subject, name), 0.1))]));
      const first = valuesOf(names);
      const second = valuesOf(names.toReversed());
      for (const name of names) assert.deepEqual(second.get(name), first.get(name), `${name} differs the second time`);
    },
  },
  {
    name: 'a learning rate of zero leaves values as they are',
    check: (subject) =>
      eachParameter(subject, (name) => {
        const state = stateOf(subject, name);
        const { value } = update(subject, name, state, 0);
        assertClose(value.dataSync(), state['value']!.dataSync(), 1e-7, `${name} at the learning rate 0`);
      }),
  },
  {
    name: 'a zero gradient leaves new values as they are',
    pending: ({ decays = false }) => (decays ? 'the case sets `decays: true`' : undefined),
    check: (subject) =>
      eachParameter(subject, (name) => {
        const { tf } = subject.engine;
        const state = stateOf(subject, name, 'new');
        const { value } = update(subject, name, { ...state, gradient: tf.zerosLike(state['gradient']!) }, 0.1);
        assertClose(value.dataSync(), state['value']!.dataSync(), 1e-7, `${name} with a gradient of zero`);
      }),
  },
  {
    name: 'it descends on a quadratic',
    check(subject) {
      const { tf } = subject.engine;
      const target = normal(tf, [4, 3], 'target');
      const distance = (value: Tensor): number => tf.sum(tf.square(tf.sub(value, target))).dataSync()[0]!;
      let state: Tensors = { ...stateOf(subject, 'projector.0.weight', 'new') };
      const before = distance(state['value']!);
      for (let step = 0; step < STEPS; step++) {
        const gradient = tf.sub(state['value']!, target);
        const updated = update(subject, 'projector.0.weight', { ...state, gradient }, subject.made.learningRate);
        state = { value: updated.value, gradient, ...named(subject, updated.slots) };
      }
      const after = distance(state['value']!);
      assert.ok(after < before, `${STEPS} steps change the loss from ${before} to ${after}`);
    },
  },
  {
    name: 'it is finite at zero',
    check: (subject) =>
      eachParameter(subject, (name) => {
        const { tf } = subject.engine;
        const state = stateOf(subject, name, 'new');
        const zeros = tf.zerosLike(state['value']!);
        for (const [what, change] of [
          ['of zeros', { value: zeros }],
          ['with a gradient of zero', { gradient: zeros }],
          ['of zeros, with a gradient of zero', { value: zeros, gradient: zeros }],
        ] as const)
          for (const values of numbers(update(subject, name, { ...state, ...change }, 0.1)))
            assertFinite(values, `an update of ${name} ${what}`);
      }),
  },
  {
    name: 'it leaks no tensor',
    check: (subject) =>
      eachParameter(subject, (name) => {
        const state = stateOf(subject, name);
        assertNothingLeaked(subject.engine, state, () => update(subject, name, state, 0.1));
      }),
  },
  {
    name: 'it reads no values on the host',
    check(subject) {
      const { tf } = subject.engine;
      const state = stateOf(subject, 'conv1.weight');
      assertReadsNothing(tf, () => update(subject, 'conv1.weight', state, 0.1));
    },
  },
  {
    name: 'compiled once for all learning rates, it agrees with eager execution',
    engine: 'tensorflow',
    check(subject) {
      const { tf } = subject.engine;
      const inputsAt = (learningRate: number) => ({
        ...stateOf(subject, 'conv1.weight'),
        learningRate: tf.scalar(learningRate),
      });
      const step = (inputs: ReturnType<typeof inputsAt>) => {
        const { value, slots } = update(subject, 'conv1.weight', inputs, inputs.learningRate);
        return { value, ...named(subject, slots) };
      };
      assertCompiles(subject.engine, step, [inputsAt(0.1), inputsAt(0.01), inputsAt(1)], 1e-5);
    },
  },
]);

function eachParameter({ engine }: OptimizerSubject, check: (name: string) => void): void {
  for (const name of Object.keys(PARAMETERS)) engine.tf.tidy(() => check(name));
}

/** `value`, `gradient` and the slots of a parameter, by name; slots are zeros if it is new. */
function stateOf(
  { engine: { tf }, made }: OptimizerSubject,
  name: string,
  age: 'new' | 'trained' = 'trained',
): Tensors {
  const shape = [...PARAMETERS[name]!];
  const tensors = ['value', 'gradient'].map((of) => [of, normal(tf, shape, `${of} of ${name}`)] as const);
  // Squared, because a slot may be an average of squares.
  const slots = made.slots.map((slot) => {
    const trained = tf.square(normal(tf, shape, `${slot} of ${name}`));
    return [slot, age === 'new' ? tf.zeros(shape) : trained] as const;
  });
  return Object.fromEntries<Tensor>([...tensors, ...slots]);
}

function update(subject: OptimizerSubject, name: string, state: Tensors, learningRate: number | Scalar) {
  const { made, engine } = subject;
  const slots = made.slots.map((slot) => state[slot]!);
  const rate = typeof learningRate === 'number' ? engine.tf.scalar(learningRate) : learningRate;
  return made.update({ name, value: state['value']!, gradient: state['gradient']!, slots }, rate);
}

function named({ made }: OptimizerSubject, slots: readonly (Tensor | undefined)[]): Tensors {
  return Object.fromEntries(made.slots.flatMap((slot, index) => (slots[index] ? [[slot, slots[index]]] : [])));
}

function numbers({ value, slots }: ReturnType<typeof update>): readonly Float32Array[] {
  return [value, ...slots].map((tensor) => Float32Array.from(tensor.dataSync()));
}
