import assert from 'node:assert/strict';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Tensors } from '../engine/engine.js';
import { assertClose, assertCompiles, assertFinite, assertNothingLeaked, assertReadsNothing } from './assertions.js';
import type { ParameterGradient } from '../kinds/optimizer.js';
import { slotsOf } from '../train/optimizer-slots.js';
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
    check({ made }) {
      const { learningRate } = made;
      assert.ok(Number.isFinite(learningRate) && learningRate >= 0, `the learning rate is ${learningRate}`);
      const slots = slotsOf(made).map(({ name }) => name);
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
        const expected = slotsOf(subject.made);
        expected.forEach((slot, index) =>
          assert.deepEqual(
            slots[index]?.shape,
            state[slot.name]!.shape,
            `the shape of the slot ${slot.name} of ${name}`,
          ),
        );
        assert.equal(slots.length, expected.length, `${slots.length} slots of ${name}`);
      }),
  },
  {
    name: 'it returns a gradient for each, with its shape',
    check(subject) {
      const { made } = subject;
      if (made.gradients === undefined) return;
      for (const [from, to] of [[0], [1], [2, 3]] as const) {
        const some = gradientsOf(subject).slice(from, to);
        assert.deepEqual(
          made.gradients(some)?.map((gradient) => gradient?.shape),
          some.map(({ gradient }) => gradient.shape),
          `the shapes of the gradients of ${some.map(({ name }) => name).join(', ')}`,
        );
      }
    },
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
      const gradients = () => changed(subject, gradientsOf(subject)).map((gradient) => [...gradient.dataSync()]);
      assert.deepEqual(gradients(), gradients(), 'the changed gradients differ the second time');
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
        const difference = tf.sub(state['value']!, target);
        const [gradient = difference] = changed(subject, [{ name: 'projector.0.weight', gradient: difference }]);
        const updated = update(subject, 'projector.0.weight', { ...state, gradient }, subject.made.learningRate, step);
        state = { value: updated.value, gradient, ...named(subject, updated.slots) };
      }
      const after = distance(state['value']!);
      assert.ok(after < before, `${STEPS} steps change the loss from ${before} to ${after}`);
    },
  },
  {
    name: 'it is finite at zero',
    check(subject) {
      const zeroGradients = gradientsOf(subject).map(({ name, gradient }) => ({
        name,
        gradient: subject.engine.tf.zerosLike(gradient),
      }));
      for (const gradient of changed(subject, zeroGradients))
        assertFinite(gradient.dataSync(), 'a changed gradient of 0');
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
      });
    },
  },
  {
    name: 'it leaks no tensor',
    check(subject) {
      eachParameter(subject, (name) => {
        const state = stateOf(subject, name);
        assertNothingLeaked(subject.engine, state, () => update(subject, name, state, 0.1));
      });
      const all = gradientsOf(subject);
      const inputs = Object.fromEntries(all.map(({ name, gradient }) => [`the gradient of ${name}`, gradient]));
      assertNothingLeaked(subject.engine, inputs, () => changed(subject, all));
    },
  },
  {
    name: 'it reads no values on the host',
    check(subject) {
      const { tf } = subject.engine;
      const state = stateOf(subject, 'conv1.weight');
      const all = gradientsOf(subject);
      assertReadsNothing(tf, () => [changed(subject, all), update(subject, 'conv1.weight', state, 0.1)]);
    },
  },
  {
    name: 'compiled once for all learning rates and steps, it agrees with eager execution',
    engine: 'tensorflow',
    check(subject) {
      const { tf } = subject.engine;
      const inputsAt = (learningRate: number, step: number) => ({
        ...stateOf(subject, 'conv1.weight'),
        learningRate: tf.scalar(learningRate),
        step: tf.scalar(step),
      });
      const step = (inputs: ReturnType<typeof inputsAt>) => {
        const before = (inputs as Tensors)['gradient']!; // `stateOf` makes it
        const [gradient = before] = changed(subject, [{ name: 'conv1.weight', gradient: before }]);
        const state = { ...inputs, gradient };
        const { value, slots } = update(subject, 'conv1.weight', state, inputs.learningRate, inputs.step);
        return { value, ...named(subject, slots) };
      };
      assertCompiles(subject.engine, step, [inputsAt(0.1, 0), inputsAt(0.01, 1), inputsAt(1, 100)], 1e-5);
    },
  },
]);

function eachParameter({ engine }: OptimizerSubject, check: (name: string) => void): void {
  for (const name of Object.keys(PARAMETERS)) engine.tf.tidy(() => check(name));
}

/** A gradient for each parameter, as a step has them. */
function gradientsOf({ engine: { tf } }: OptimizerSubject): readonly ParameterGradient[] {
  return Object.entries(PARAMETERS).map(([name, shape]) => ({
    name,
    gradient: normal(tf, shape, `gradient of ${name}`),
  }));
}

/** The gradients that updates get; a law checks that none is left out. */
function changed({ made }: OptimizerSubject, all: readonly ParameterGradient[]): readonly Tensor[] {
  return made.gradients?.(all) ?? all.map(({ gradient }) => gradient);
}

/** `value`, `gradient` and the slots of a parameter, by name; slots have their initial values if it is new. */
function stateOf(
  { engine: { tf }, made }: OptimizerSubject,
  name: string,
  age: 'new' | 'trained' = 'trained',
): Tensors {
  const shape = [...PARAMETERS[name]!];
  const tensors = ['value', 'gradient'].map((of) => [of, normal(tf, shape, `${of} of ${name}`)] as const);
  // Squared, because a slot may be an average of squares.
  const slots = slotsOf(made).map((slot) => {
    const size = [...slot.shape(shape)];
    const trained = tf.square(normal(tf, size, `${slot.name} of ${name}`));
    return [slot.name, age === 'new' ? tf.fill(size, slot.initial) : trained] as const;
  });
  return Object.fromEntries<Tensor>([...tensors, ...slots]);
}

function update(
  { made, engine: { tf } }: OptimizerSubject,
  name: string,
  state: Tensors,
  learningRate: number | Scalar,
  step: number | Scalar = 3,
) {
  const slots = slotsOf(made).map((slot) => state[slot.name]!);
  const scalar = (value: number | Scalar): Scalar => (typeof value === 'number' ? tf.scalar(value) : value);
  const parameter = { name, value: state['value']!, gradient: state['gradient']!, slots };
  return made.update(parameter, scalar(learningRate), scalar(step));
}

function named({ made }: OptimizerSubject, slots: readonly (Tensor | undefined)[]): Tensors {
  return Object.fromEntries(slotsOf(made).flatMap(({ name }, index) => (slots[index] ? [[name, slots[index]]] : [])));
}

function numbers({ value, slots }: ReturnType<typeof update>): readonly Float32Array[] {
  return [value, ...slots].map((tensor) => Float32Array.from(tensor.dataSync()));
}
