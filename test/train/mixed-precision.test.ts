import assert from 'node:assert/strict';
import type { Assigner, BitAssignment, Engine, EvaluationPrecision, SiteBits, Tensors } from '@ssql/core';
import type { Composition } from '../../packages/core/src/container/composition.js';
import { evaluationFeatures } from '../../packages/core/src/evaluate/evaluation-features.js';
import type { FeatureSets } from '../../packages/core/src/kinds/stage.js';
import { integerProgram } from '../../packages/plugins/src/assigner/integer-program.js';
import { assertClose } from '../engine/tensors.js';
import { frozenImages } from '../parity/inference.js';
import { make } from '../plugins/make-plugin.js';
import { onEngines } from './engines.js';
import { MICRO_IMAGES, microComposition, microModel, OFFICIAL_PINS, trainedState, UNMIXED } from './micro.js';

const W3A4 = { weights: 3, activations: 4 } as const;
const MIXED: EvaluationPrecision = { ...W3A4, mixed: true };

onEngines('a mixed precision', (engine) => {
  it('costs at most as much as the precision, keeps pins, and has the effect of its bits', async () => {
    const { sets, assignments } = await evaluate(engine(), { pins: OFFICIAL_PINS }, MIXED);
    const { uniform, mixed, sites, budget } = assignments['mixed-w3a4']!;
    assert.equal(budget, 'bops');
    assert.ok(mixed.bops <= uniform.bops);
    assert.ok(new Set(sites.map(({ operand, bits }) => `${operand} ${bits}`)).size > 2, 'it is mixed');
    const named = (operand: string): string[] =>
      sites.filter((candidate) => candidate.operand === operand).map(({ site }) => site);
    assert.ok(!named('weights').includes('conv1') && named('weights').includes('layer1.0.conv2'));
    assert.deepEqual(named('activations'), [1, 2, 3, 4].flatMap((layer) => [`layer${layer}.0.conv1`, `layer${layer}.0`])); // prettier-ignore
    for (const { operand, bits, sensitivity } of sites) {
      const candidates = operand === 'weights' ? [2, 3, 4, 6] : [4, 5, 8];
      assert.deepEqual(
        Object.keys(sensitivity).map(Number),
        candidates,
        'the drawn widths and the width of the precision',
      );
      assert.ok(candidates.includes(bits));
    }

    // The same bits as pins.
    const pins = Object.fromEntries([
      ...Object.entries(OFFICIAL_PINS),
      ...new Set(sites.map(({ site }) => site)),
    ].map((pin) => typeof pin === 'string' ? [pin, pinOf(assignments['mixed-w3a4']!, pin)] : pin)); // prettier-ignore
    const expected = await evaluate(engine(), { pins }, W3A4);
    assertClose(sets.test.values, expected.sets.test.values, 1e-6);
  });

  it('measures sensitivities by the error of the features if only one site is quantized', async () => {
    const { assignments } = await evaluate(engine(), { pins: {} }, MIXED);
    const { sites } = assignments['mixed-w3a4']!;
    const float = (await evaluate(engine(), { pins: {} }, FLOAT)).sets.train;
    for (const [operand, site, bits] of [
      ['weights', 'layer2.0.conv1', 2],
      ['activations', 'layer3.0', 4],
    ] as const) {
      // prettier-ignore
      const other = { '*': { [operand]: 'float' }, [site]: { [operand]: bits } } as const;
      const alone = await evaluate(engine(), { pins: other }, { ...FLOAT, [operand]: 8 });
      const actual = sites.find((candidate) => candidate.operand === operand && candidate.site === site)!.sensitivity[
        bits
      ]!;
      const expected = meanSquare(alone.sets.train, float) / variance(float);
      assert.ok(Math.abs(actual - expected) < 1e-4 * expected, `${site}: ${actual}, ${expected} by the definition`);
    }
  });

  it('works with folded weights and with one float operand', async () => {
    const { assignments } = await evaluate(engine(), { pins: {} }, { weights: 3, activations: 'float', mixed: true, folded: true }); // prettier-ignore
    const { sites, mixed, uniform } = assignments['mixed-w3-folded']!;
    assert.ok(sites.every(({ operand }) => operand === 'weights'));
    assert.ok(mixed.bops <= uniform.bops);
  });

  it('reports an error if an assigner exceeds the budget or chooses impossible bits', async () => {
    const choosing = (weights: readonly (readonly [string, number])[], budget: 'bops' | 'size' = 'bops'): Assigner => ({
      budget,
      assign: (): SiteBits => ({ weights: new Map(weights), activations: new Map() }),
    });
    const wrong = [
      [choosing([['layer2.0.conv1', 6]]), /a bops of \d+; expected at most \d+/],
      [choosing([['layer2.0.conv1', 6]], 'size'), /a size of \d+; expected at most \d+/],
      [choosing([['layer2.0.conv1', 5]]), /5 bits for the weights of layer2.0.conv1; expected one of 2, 3, 4, 6/],
      [choosing([['conv1', 2]]), /2 bits for the weights of conv1; expected none/],
    ] as const;
    for (const [assigner, message] of wrong)
      await assert.rejects(evaluate(engine(), { pins: OFFICIAL_PINS, assigner }, MIXED), {
        code: 'ASSIGNMENT_INVALID',
        message,
      });
  });
});

const FLOAT: EvaluationPrecision = { weights: 'float', activations: 'float' };

interface Setting {
  readonly pins: Composition['pins'];
  readonly assigner?: Assigner;
}

interface Evaluated {
  readonly sets: FeatureSets;
  readonly assignments: { readonly [precision: string]: BitAssignment };
}

/** Features of the micro network; checks that no tensor leaks. */
async function evaluate(engine: Engine, setting: Setting, precision: EvaluationPrecision): Promise<Evaluated> {
  const model = microModel(await microComposition(engine, setting.pins));
  const before = engine.memory().tensors;
  const state: Tensors = trainedState(engine, model);
  const assignments: { [precision: string]: BitAssignment } = {};
  const features = evaluationFeatures({
    ...frozenImages(MICRO_IMAGES),
    calibration: { samples: 4, batch: 4 },
    engine,
    model,
    state,
    mixed: {
      ...UNMIXED,
      assigner: setting.assigner ?? (await make<'assigner'>(integerProgram)),
      bits: { weights: [2, 4, 6], activations: [5, 8] },
      assigned: async (name, assignment) => void (assignments[name] = assignment),
    },
  });
  try {
    const [sets] = await features.at([precision]);
    return { sets: sets!, assignments };
  } finally {
    features.dispose();
    await new Promise((resolve) => setImmediate(resolve));
    engine.tf.dispose(state);
    assert.equal(engine.memory().tensors, before, 'tensors are left');
  }
}

/** A site's bits as a pin; a convolution and its output have the same name. */
function pinOf({ sites }: BitAssignment, name: string): { readonly weights?: number; readonly activations?: number } {
  return Object.fromEntries(sites.filter(({ site }) => site === name).map(({ operand, bits }) => [operand, bits]));
}

function meanSquare({ values: a }: FeatureSets['train'], { values: b }: FeatureSets['train']): number {
  return a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length;
}

/** Mean over features of their variance over images. */
function variance({ values, dimension }: FeatureSets['train']): number {
  const count = values.length / dimension;
  const mean = Array.from({ length: dimension }, (_, j) =>
    values.filter((_, i) => i % dimension === j).reduce((sum, value) => sum + value / count, 0),
  );
  return values.reduce((sum, value, i) => sum + (value - mean[i % dimension]!) ** 2, 0) / values.length;
}
