import assert from 'node:assert/strict';
import type { Precision } from '@ssql/core';
import type { Engine, Tensors } from '../../packages/core/src/engine/engine.js';
import { trainingStep } from '../../packages/core/src/train/step.js';
import { stepInputs } from '../../packages/core/src/train/step-inputs.js';
import type { Views } from '../../packages/core/src/train/views.js';
import { readGolden } from '../golden/golden.js';
import { PREFIX, recipe, toInOut, toNhwc, toOihw, type HostTensor } from '../golden/recipe.js';
import { toHost } from '../plugins/context.js';
import { onEngines } from './engines.js';
import {
  fresh,
  goldenParameter,
  microComposition,
  microModel,
  OFFICIAL_PINS,
  officialName,
  tensorsOf,
} from './micro.js';

interface Run {
  readonly images: readonly [string, string];
  readonly w_bit: number;
  readonly a_bit: number;
  readonly loss: number;
  readonly components: { readonly branch_float: number; readonly branch_quant: number };
  readonly grads: {
    readonly [name: string]: { readonly l2: number; readonly sum: number; readonly first4: readonly number[] };
  };
  readonly params_without_grad: readonly string[];
  readonly params_after: { readonly [name: string]: number };
  readonly bn_after: { readonly [name: string]: number };
}

const PINS = { ...OFFICIAL_PINS, 'projector.*': { weights: 8, activations: 'float' } } as const;
const WEIGHT_DECAY = 5e-4;

onEngines('a training step of SSQL-SimSiam', (engine) => {
  for (const run of readGolden<{ runs: Run[] }>('e_ssql_simsiam_micro_fresh.json').runs) {
    it(`is the official one at w${run.w_bit}a${run.a_bit} (golden e_ssql_simsiam_micro_fresh)`, async () => {
      const { tf } = engine();
      const composition = await microComposition(engine(), PINS);
      const model = microModel(composition);
      const views = givenViews(engine(), run.images);
      const state = {
        ...tensorsOf(engine(), model, (one) => goldenParameter(`param/${officialName(one.name)}`, one), fresh),
        ...Object.fromEntries(
          model.parameters
            .filter(({ frozen }) => !frozen)
            .map(({ name, shape }) => [`optimizer.momentum.${name}`, tf.zeros([...shape])]),
        ),
      };
      const inputs = inputsAt(engine(), views, { weights: run.w_bit, activations: run.a_bit });
      const step = trainingStep({ engine: engine(), model, views, ...composition });
      const compiled = engine().compile(step, state, inputs);
      const { state: after, outputs } = compiled.run(state, inputs);
      const scalar = (name: string): number => outputs[name]!.dataSync()[0]!;

      near(scalar('loss'), run.loss, 2e-6, 'loss');
      near(scalar('part.float'), run.components.branch_float, 2e-6, 'float part');
      near(scalar('part.quantized'), run.components.branch_quant, 2e-6, 'quantized part');
      for (const { name, role, frozen } of model.parameters) {
        const official = officialName(name);
        near(norm(toHost(after[name]!)), run.params_after[official]!, 1e-4, `${name} after the step`);
        if (frozen) {
          assert.ok(run.params_without_grad.includes(official));
          continue;
        }
        // At the first step the velocity is the gradient and the decay.
        const gradient = tf.sub(after[`optimizer.momentum.${name}`]!, tf.mul(state[name]!, WEIGHT_DECAY));
        const host =
          role === 'convolution'
            ? toOihw(toHost(gradient))
            : role === 'linear'
              ? toInOut(toHost(gradient))
              : toHost(gradient);
        const golden = run.grads[official]!;
        near(norm(host), golden.l2, 5e-4, `norm of the gradient of ${name}`);
        golden.first4.forEach((value, i) =>
          near(host.values[i]!, value, 1e-3 * Math.max(1, golden.l2), `gradient of ${name}, element ${i}`),
        );
      }
      for (const { name } of model.statistics) {
        near(norm(toHost(after[name]!)), run.bn_after[officialName(name)]!, 1e-4, `${name} after the step`);
      }
      compiled.dispose();
      tf.dispose([state, inputs, after, outputs]);
    });
  }

  it('computes the same whether it is traced or not, and leaks nothing', async () => {
    const { tf } = engine();
    const composition = await microComposition(engine(), PINS);
    const model = microModel(composition);
    const views = givenViews(engine(), ['open/a', 'open/b']);
    const state = tensorsOf(engine(), model, (one) => goldenParameter(`param/${officialName(one.name)}`, one), fresh);
    const plain = {
      ...composition,
      optimizer: { ...composition.optimizer, slots: [], update: composition.optimizer.update },
    };
    const inputs = inputsAt(engine(), views, { weights: 8, activations: 8 });
    const step = trainingStep({ engine: engine(), model, views, ...plain });
    const compiled = engine().compile(step, state, inputs);
    const before = engine().memory();
    const traced = compiled.run(state, inputs);
    const eager = tf.tidy(() => {
      const { state: next, outputs } = step(state, inputs);
      return { loss: tf.clone(outputs['loss']!), weight: tf.clone(next['conv1.weight']!) };
    });
    near(eager.loss.dataSync()[0]!, traced.outputs['loss']!.dataSync()[0]!, 1e-6, 'loss');
    near(norm(toHost(eager.weight)), norm(toHost(traced.state['conv1.weight']!)), 1e-5, 'weights');
    tf.dispose([traced.state, traced.outputs, eager]);
    assert.equal(engine().memory().tensors, before.tensors);
    compiled.dispose();
    tf.dispose([state, inputs]);
  });
});

function inputsAt(engine: Engine, views: Views, precision: Precision): Tensors {
  return stepInputs(engine, views, 2, 0, {
    images: new Uint8Array(4 * 32 * 32 * 3),
    imageShape: [32, 32, 3],
    samples: Uint32Array.of(0, 1, 2, 3),
    epoch: 0,
    learningRate: 0.05,
    precisions: [precision],
  });
}

/** Views that are the named images themselves: they come in the place of random numbers. */
function givenViews({ tf }: Engine, names: readonly string[]): Views {
  const image = (name: string): HostTensor => toNhwc(recipe(name.slice(PREFIX.length), [4, 3, 32, 32], { scale: 2 }));
  return {
    shape: [32, 32, 3],
    parameters: 32 * 32 * 3,
    draw: ({ view }) => image(names[view]!).values,
    apply: (images, drawn) => tf.reshape(drawn, images.shape),
    evaluate: (images) => images,
  };
}

function norm({ values }: HostTensor): number {
  return Math.hypot(...values);
}

function near(found: number, expected: number, tolerance: number, what: string): void {
  const error = Math.abs(found - expected) / Math.max(1, Math.abs(expected));
  assert.ok(error <= tolerance, `${what}: ${found} instead of ${expected}`);
}
