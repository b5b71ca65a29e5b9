import assert from 'node:assert/strict';
import type { Engine, Method, SchedulePoint, Tensors } from '@ssql/core';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { methodInputs, readStepValues } from '../../packages/core/src/train/method-inputs.js';
import { trainingStep } from '../../packages/core/src/train/step.js';
import { initialState } from '../../packages/core/src/train/training-state.js';
import { predictor } from '../../packages/plugins/src/method/heads.js';
import { none } from '../../packages/plugins/src/wrapper/none.js';
import { make } from '../plugins/make-plugin.js';
import { onEngines } from './engines.js';
import { microComposition, microInputs, microModel } from './micro.js';

type Targets = { readonly keys: Tensor2D; readonly temperature: Scalar };

onEngines('what a method declares for a step', (engine) => {
  it('is passed to the compiled step: scalars, draws, frozen networks, and heads of the momentum encoder', async () => {
    const run = await compiledMethod(engine());
    const first = run(at(0));
    const second = run(at(1));
    // The loss is the temperature times the mean noise in steps 0 and 1, plus what is compared with the momentum head.
    const noise = methodInputs(engine(), toy(engine()), { seed: 3, batch: 4 }, at(1));
    assert.deepEqual(second.outputs['part.noise']!.dataSync(), noise['method.draw.noise']!.dataSync().slice(0, 1));
    assert.notDeepEqual(first.outputs['part.noise']!.dataSync(), second.outputs['part.noise']!.dataSync());
    assert.deepEqual([read(first.outputs['part.temperature']), read(second.outputs['part.temperature'])], [[0.5], [1]]);

    const names = ['predictor.3.weight', 'optimizer.momentum.predictor.3.weight', 'projector.3.weight'];
    const changed = (before: Tensors, after: Tensors): string[] =>
      names.filter((name) => read(before[name]).join() !== read(after[name]).join());
    assert.deepEqual(changed(run.initial, first.state), ['projector.3.weight'], 'the predictor is frozen in step 0');
    assert.deepEqual(changed(first.state, second.state), names);

    const third = run(at(2));
    const [followed, before] = ['predictor.3.weight', 'momentum.predictor.3.weight'].map((name) =>
      read(second.state[name]),
    );
    read(third.state['momentum.predictor.3.weight']).forEach((value, index) => {
      assert.ok(Math.abs(value - (0.9 * before![index]! + 0.1 * followed![index]!)) < 1e-6);
    });
  });

  it('is a function of the seed, the step and the purpose', () => {
    const drawn = (seed: number, step: number, purpose = 'noise'): readonly number[] =>
      read(
        methodInputs(engine(), { draws: { [purpose]: NOISE } }, { seed, batch: 4 }, at(step))[`method.draw.${purpose}`],
      );
    assert.deepEqual(drawn(3, 1), drawn(3, 1));
    for (const other of [drawn(4, 1), drawn(3, 2), drawn(3, 1, 'mask')]) assert.notDeepEqual(other, drawn(3, 1));
    assert.equal(drawn(3, 1).length, 8);
  });

  it('keeps scalars and draws apart, whatever their names', () => {
    const method = { scalars: () => ({ 'method.draw.a': 1 }), draws: { 'method.scalar.b': NOISE } };
    const { scalars, draws } = readStepValues(methodInputs(engine(), method, { seed: 3, batch: 4 }, at(0)));
    assert.deepEqual([Object.keys(scalars), Object.keys(draws)], [['method.draw.a'], ['method.scalar.b']]);
  });

  it('must match its networks, and be finite', async () => {
    const composition = await microComposition(engine(), {});
    const faulty: readonly (readonly [Partial<Method>, string, RegExp])[] = [
      [{ frozen: { predicter: () => true } }, 'HEAD_UNKNOWN', /no head `predicter`/],
      [{ momentum: () => 0.9, momentumHeads: ['keys'] }, 'HEAD_UNKNOWN', /no head `keys`/],
      [{ momentumHeads: ['predictor'] }, 'METHOD_STATE_INVALID', /`momentumHeads` but no `momentum`/],
    ];
    for (const [members, code, message] of faulty)
      assert.throws(() => microModel({ ...composition, method: { ...composition.method, ...members } }), {
        code,
        message,
      });
    assert.throws(() => methodInputs(engine(), { scalars: () => ({ t: NaN }) }, { seed: 1, batch: 4 }, at(0)), {
      code: 'METHOD_STATE_INVALID',
      message: /its scalar `t` is NaN/,
    });
    const withoutHead = await compiledMethod(engine(), { momentumHeads: [] }).then(
      (run) => () => run(at(0)),
      (error: unknown) => () => assert.fail(error as Error),
    );
    assert.throws(withoutHead, { code: 'HEAD_UNKNOWN', message: /The momentum encoder has no head `predictor`/ });
  });
});

const NOISE = { shape: (batch: number) => [batch, 2], element: (random: { normal(): number }) => random.normal() };

function at(step: number): SchedulePoint {
  return { epoch: 0, epochs: 1, step, stepsPerEpoch: 4 };
}

/** Predicts the momentum encoder's predictions; frozen predictor in step 0, temperature 0.5 in step 0 and 1 later. */
function toy({ tf }: Pick<Engine, 'tf'>): Method<{ readonly p: Tensor2D; readonly noise: Tensor }, Targets> {
  return {
    views: 2,
    projector: predictor(8, 16),
    heads: { predictor: predictor(8, 16) },
    momentum: () => 0.9,
    momentumHeads: ['predictor'],
    scalars: ({ step }) => ({ temperature: step === 0 ? 0.5 : 1 }),
    draws: { noise: NOISE },
    frozen: { predictor: ({ step }) => step === 0 },
    online: (branch, [x1], { draws }) => ({ p: branch.head('predictor', branch.encode(x1!)), noise: draws['noise']! }),
    targets: (_, { views: [, x2], momentum, scalars }) => ({
      keys: momentum.head('predictor', momentum.encode(x2!)),
      temperature: scalars['temperature']!,
    }),
    loss: ({ p, noise }, { keys, temperature }) =>
      tf.add<Scalar>(tf.mean(tf.square(tf.sub(p, keys))), tf.mul(temperature, tf.mean(noise))),
    features: ({ p }) => p,
  };
}

/** A compiled step of the toy on micro images. `run.initial` is its state before the first step. */
async function compiledMethod(engine: Engine, members: Partial<Method> = {}) {
  const { tf } = engine;
  const method = { ...toy(engine), ...members } as Method;
  const plain = await make(none, {}, engine);
  const wrapper: typeof plain = {
    ...plain,
    objective(wrapped, branches, views) {
      const online = wrapped.online(branches.float, views);
      const targets = wrapped.targets(online);
      const { noise } = online as { readonly noise: Tensor };
      const parts = {
        noise: tf.slice(tf.reshape(noise, [-1]), [0], [1]) as unknown as Scalar,
        temperature: (targets as unknown as Targets).temperature,
      };
      return { loss: wrapped.loss(online, targets), parts, online };
    },
  };
  const composition = { ...(await microComposition(engine, {})), method, wrapper };
  const model = microModel(composition);
  const { views, inputs } = microInputs(engine, []);
  const initial = initialState(engine, model, composition.optimizer, 1);
  const step = trainingStep({ ...composition, engine, model, views });
  const inputsAt = (point: SchedulePoint): Tensors => ({
    ...inputs,
    momentum: tf.scalar(0.9),
    ...methodInputs(engine, method, { seed: 3, batch: 4 }, point),
  });
  const compiled = engine.compile(step, initial, inputsAt(at(0)));
  let state: Tensors = initial;
  const run = (point: SchedulePoint, from = state) => {
    const result = compiled.run(from, inputsAt(point));
    state = result.state;
    return result;
  };
  return Object.assign(run, { initial });
}

function read(tensor: Tensor | undefined): number[] {
  return [...tensor!.dataSync()];
}
