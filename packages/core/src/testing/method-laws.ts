import assert from 'node:assert/strict';
import type { Tf } from '../engine/engine.js';
import { stopGradient } from '../engine/stop-gradient.js';
import type { Precision } from '../quantization/precision.js';
import type { Method } from '../kinds/method.js';
import { memoryName } from '../train/model.js';
import { positionsOf } from '../train/view-positions.js';
import { assertClose, assertCompiles, assertFinite, assertNothingLeaked, assertReadsNothing } from './assertions.js';
import { constantViews, methodStep, viewsOf, type MethodLaw } from './method-subject.js';
import { assertTrained, BATCH, gradientName, MOMENTUM } from './probed-step.js';

const W4A4: Precision = { weights: 4, activations: 4 };
const FINEST: Precision = { weights: 16, activations: 16 };

/** Laws of every method. */
export const METHOD_LAWS: readonly MethodLaw[] = Object.freeze<MethodLaw[]>([
  {
    name: 'its loss is a finite number',
    check(subject) {
      const step = methodStep(subject);
      const { loss } = step.run(step.inputs(viewsOf(subject)));
      assert.deepEqual(loss!.shape, [], `the loss has the shape [${loss!.shape.join()}]`);
      assertFinite(loss!.dataSync(), 'the loss');
    },
  },
  {
    name: 'every parameter gets a gradient',
    check(subject) {
      const views = viewsOf(subject);
      const [plain, quantized] = [methodStep(subject), methodStep(subject, 'quantized')];
      assertTrained(plain.model, plain.run(plain.inputs(views)), 'in float');
      assertTrained(quantized.model, quantized.run(quantized.inputs(views, W4A4)), 'at w4a4');
    },
  },
  {
    name: 'no gradient flows through its targets',
    check(subject) {
      const { made, engine } = subject;
      const constant: Method = {
        ...made,
        online: (branch, views, values) => made.online(branch, views, values),
        targets: (online, context) => constants(engine.tf, made.targets(online, context)),
      };
      const [step, stopped] = [methodStep(subject), methodStep(subject, 'plain', constant)];
      const actual = step.run(step.inputs(viewsOf(subject)));
      const expected = stopped.run(stopped.inputs(viewsOf(subject)));
      for (const { name } of step.model.trained) {
        const gradient = expected[gradientName(name)];
        const through = `the gradient of ${name}, compared with constant targets`;
        assertClose(values(actual[gradientName(name)]), values(gradient), 1e-6, through);
      }
    },
  },
  {
    name: 'its momentum encoder follows the encoder, without a gradient',
    check(subject) {
      const { made, engine } = subject;
      const step = methodStep(subject);
      const { momentum } = step.model;
      assert.equal(momentum === undefined, made.momentum === undefined);
      if (momentum === undefined) return;
      for (const at of [0, 0.5, 1]) {
        const [epochs, stepsPerEpoch] = [4, 10];
        const m = made.momentum!({ epoch: epochs * at, epochs, stepsPerEpoch, step: epochs * stepsPerEpoch * at });
        assert.ok(m >= 0 && m <= 1, `its momentum is ${m}; expected 0 to 1`);
      }
      const trained = new Set(step.model.trained.map(({ name }) => name));
      const inputs = step.inputs(viewsOf(subject));
      const apart = Object.fromEntries(
        momentum.parameters.map(({ name }) => [name, engine.tf.add(inputs[name]!, 1)] as const),
      );
      const next = step.next({ ...inputs, ...apart });
      for (const { name, follows } of momentum.parameters) {
        assert.ok(!trained.has(name), `${name} is trained`);
        const expected = engine.tf.add(inputs[follows.name]!, MOMENTUM); // they differ by 1 before the step and by the momentum after it
        assertClose(values(next[name]), values(expected), 1e-5, name);
      }
    },
  },
  {
    name: 'its memory is finite and keeps its shape',
    check(subject) {
      const step = methodStep(subject, 'quantized');
      let inputs = step.inputs(viewsOf(subject), W4A4);
      for (const when of ['at first', 'after a step', 'after two steps']) {
        for (const [name, { shape }] of Object.entries(step.model.memory)) {
          const tensor = inputs[memoryName(name)]!;
          assert.deepEqual(tensor.shape, shape, `${name} ${when}`);
          assertFinite(tensor.dataSync(), `${name} ${when}`);
        }
        inputs = { ...inputs, ...step.next(inputs) };
      }
    },
  },
  {
    name: 'its memory moves',
    check(subject) {
      const step = methodStep(subject);
      const before = step.inputs(viewsOf(subject));
      const after = step.next(before);
      for (const name of Object.keys(step.model.memory).map(memoryName)) {
        const [old, next] = [before[name]!.dataSync(), after[name]!.dataSync()];
        assert.ok(!next.every((value, index) => Object.is(value, old[index])), `${name} is the same after a step`);
      }
    },
  },
  {
    name: 'its loss does not depend on the order of the global views',
    pending: ({ symmetric = true }) => (symmetric ? undefined : 'the case sets `symmetric: false`'),
    check(subject) {
      const step = methodStep(subject);
      const views = viewsOf(subject);
      const loss = (order: typeof views) => step.run(step.inputs(order))['loss']!.dataSync();
      const { global } = positionsOf(subject.made.views);
      const reversed = [...views.slice(0, global).toReversed(), ...views.slice(global)];
      assertClose(loss(reversed), loss(views), 1e-5, 'the loss of the global views in reverse');
    },
  },
  {
    name: 'its features show a collapse',
    check(subject) {
      const { made } = subject;
      const checked: Method = {
        ...made,
        features(online) {
          const features = made.features(online);
          assert.equal(features.rank, 2, `features have the shape [${features.shape.join()}]; expected [N,D]`);
          assert.equal(features.shape[0], BATCH, `${features.shape[0]} features for ${BATCH} images`);
          return features;
        },
      };
      const step = methodStep(subject, 'plain', checked);
      const spread = (views: ReturnType<typeof viewsOf>) => step.run(step.inputs(views))['featureStd']!.dataSync()[0]!;
      const [healthy, collapsed] = [spread(viewsOf(subject)), spread(constantViews(subject))];
      assertFinite([healthy, collapsed], 'the standard deviation of features');
      assert.ok(healthy > 0, 'the features of different images are equal');
      const spreads = `the standard deviation of features is ${collapsed} on equal images and ${healthy} on different ones`;
      assert.ok(collapsed < healthy / 10, spreads);
    },
  },
  {
    name: 'it is finite on constant images',
    check(subject) {
      const { tf } = subject.engine;
      const step = methodStep(subject);
      const equal = constantViews(subject);
      for (const [views, where] of [
        [equal, 'on equal images'],
        [equal.map((view) => tf.zerosLike(view)), 'on images of zeros'],
      ] as const) {
        for (const [name, output] of Object.entries(step.run(step.inputs(views))))
          assertFinite(output.dataSync(), `${name} ${where}`);
      }
    },
  },
  {
    name: 'it works under a wrapper that trains quantized branches',
    check(subject) {
      const step = methodStep(subject, 'quantized');
      const views = viewsOf(subject);
      const plain = methodStep(subject);
      const float = plain.run(plain.inputs(views))['loss']!.dataSync();
      const losses = (precision: Precision) => step.run(step.inputs(views, precision));
      const [coarse, fine] = [losses(W4A4), losses(FINEST)];
      assertClose(values(coarse['part.float']), float, 1e-5, 'the float part of the loss');
      assertFinite(values(coarse['part.quantized']), 'the quantized loss at w4a4');
      const same = values(coarse['part.quantized'])[0] === values(coarse['part.float'])[0];
      assert.ok(!same, 'the quantized loss at w4a4 equals the float loss: the quantized branch is not used');
      assertClose(values(fine['part.quantized']), float, 1e-2, 'the loss at w16a16, compared with the float loss');
    },
  },
  {
    name: 'it leaks no tensor',
    check(subject) {
      const step = methodStep(subject, 'quantized');
      const inputs = step.inputs(viewsOf(subject), W4A4);
      assertNothingLeaked(subject.engine, inputs, () => step.run(inputs));
    },
  },
  {
    name: 'it reads no values on the host',
    check(subject) {
      const step = methodStep(subject, 'quantized');
      const inputs = step.inputs(viewsOf(subject), W4A4);
      assertReadsNothing(subject.engine.tf, () => step.run(inputs));
    },
  },
  {
    name: 'compiled, it agrees with eager execution',
    engine: 'tensorflow',
    check(subject) {
      const views = viewsOf(subject);
      const plain = methodStep(subject);
      assertCompiles(subject.engine, plain.run, [plain.inputs(views)], 1e-5);
      const step = methodStep(subject, 'quantized');
      assertCompiles(subject.engine, step.run, [step.inputs(views, W4A4), step.inputs(views, FINEST)], 1e-5);
    },
  },
]);

/** The same targets, with each tensor a constant. */
function constants(tf: Tf, targets: unknown): unknown {
  if (targets instanceof tf.Tensor) return stopGradient(targets);
  if (Array.isArray(targets)) return targets.map((target) => constants(tf, target));
  if (typeof targets !== 'object' || targets === null) return targets;
  return Object.fromEntries(Object.entries(targets).map(([name, target]) => [name, constants(tf, target)]));
}

function values(tensor: { dataSync(): ArrayLike<number> } | undefined): ArrayLike<number> {
  return tensor?.dataSync() ?? [];
}
