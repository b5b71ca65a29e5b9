import assert from 'node:assert/strict';
import { random } from '@ssql/core';
import { decomposition } from '../../packages/plugins/src/stage/decomposition.js';
import { makeRunStage } from './make-plugin.js';
import { stageRun, type ViewOutputs } from './stage-run.js';

async function terms(
  float: ViewOutputs,
  quantized: ViewOutputs,
  networks?: readonly string[],
): Promise<{ readonly [metric: string]: number }> {
  const { context, evaluations } = await stageRun({}, 2, 1, { float, w4a4: quantized }, networks);
  const stage = await makeRunStage(decomposition, { precisions: ['w4a4'] });
  await stage.run(context);
  assert.ok(evaluations.every(({ precision, stage }) => precision === 'w4a4' && stage === 'decomposition'));
  return Object.fromEntries(evaluations.map(({ metric, value }) => [metric, value]));
}

function outputs(predictions: readonly number[][], features: readonly number[][], count = 1): ViewOutputs {
  return {
    predictions: predictions.map((values) => Float32Array.from(values)),
    features: features.map((values) => Float32Array.from(values)),
    count,
  };
}

describe('stage decomposition', () => {
  it('measures the three terms of directions in the plane', async () => {
    // At the angles 90, 0 and 180 degrees, of whatever lengths: e_q = (-1, -1), e_c = (-1, 1) and so uncorrelated.
    const float = outputs([[0, 2], [0, 5]], [[3, 0], [1, 0]]); // prettier-ignore
    const quantized = outputs([[-4, 0], [-1, 0]], [[9, 9], [9, 9]]); // prettier-ignore
    const found = await terms(float, quantized);
    assert.deepEqual(Object.keys(found), ['quantization term', 'contrastive term', 'cross term']);
    [2, 2, 0].forEach((value, index) => assert.ok(Math.abs(Object.values(found)[index]! - value) < 1e-6));
  });

  it('is |pq - z|^2 in sum, of each view against the other', async () => {
    const source = random(1, 'decomposition');
    const draw = (): number[] => Array.from({ length: 12 }, () => source.normal());
    const [p, z, pq] = [
      [draw(), draw()],
      [draw(), draw()],
      [draw(), draw()],
    ] as const;
    const {
      'quantization term': q,
      'contrastive term': c,
      'cross term': cross,
    } = await terms(outputs(p, z, 3), outputs(pq, z, 3));
    const cosine = (a: readonly number[], b: readonly number[]): number => {
      const dot = a.reduce((sum, value, i) => sum + value * b[i]!, 0);
      return dot / Math.hypot(...a) / Math.hypot(...b);
    };
    const distances = [0, 1].flatMap((view) =>
      [0, 1, 2].map((row) => {
        const part = (values: readonly number[]): readonly number[] => values.slice(4 * row, 4 * row + 4);
        return 2 - 2 * cosine(part(pq[view]!), part(z[1 - view]!));
      }),
    );
    const mean = distances.reduce((sum, value) => sum + value, 0) / distances.length;
    assert.ok(Math.abs(q! + c! + cross! - mean) < 1e-6, `${q} + ${c} + ${cross}: ${mean}`);
  });

  it('finds no quantization and no cross term in float', async () => {
    const float = outputs([[1, 2], [3, 4]], [[1, 0], [0, 1]]); // prettier-ignore
    const found = await terms(float, float);
    assert.equal(found['quantization term'], 0);
    assert.equal(found['cross term'], 0);
  });

  it('compares with the features of a momentum encoder, if there is one', async () => {
    const momentum = [Float32Array.of(3, 0), Float32Array.of(1, 0)];
    const float = { ...outputs([[0, 2], [0, 5]], [[8, 8], [8, 8]]), momentum }; // prettier-ignore
    const quantized = outputs([[-4, 0], [-1, 0]], [[9, 9], [9, 9]]); // prettier-ignore
    const measured = Object.values(await terms(float, quantized, ['encoder', 'predictor', 'momentum']));
    [2, 2, 0].forEach((value, index) => assert.ok(Math.abs(measured[index]! - value) < 1e-6));
  });

  it('compares queries with keys: the first view with the second', async () => {
    // Without a predictor. The second query and the first key count nothing.
    const float = { ...outputs([], [[0, 2], [5, 5]]), momentum: [Float32Array.of(-7, 1), Float32Array.of(1, 0)] }; // prettier-ignore
    const quantized = outputs([], [[-4, 0], [3, -1]]); // prettier-ignore
    const measured = Object.values(await terms(float, quantized, ['encoder', 'momentum']));
    [2, 2, 0].forEach((value, index) => assert.ok(Math.abs(measured[index]! - value) < 1e-6));
  });

  it('has means over batches, and their standard errors', async () => {
    // Of batches 0, 1, 2: the angle from p to z is 60, 90 or 180 degrees, and quantization changes nothing.
    const cosines = [0.5, 0, -1];
    const { context, evaluations } = await stageRun({}, 2);
    const indexes: (number | undefined)[] = [];
    const stage = await makeRunStage(decomposition, { precisions: ['w4a4'], batches: 3 });
    await stage.run({
      ...context,
      trainingViews: async (index) => {
        indexes.push(index);
        return [0, 1].map(() => ({ shape: [1, 1, 1, 1], values: Float32Array.of(index!) }));
      },
      outputs: async ({ precisions, images }) => {
        const cosine = cosines[images[0]!.values[0]!]!;
        const z = Float32Array.of(cosine, Math.sqrt(1 - cosine ** 2));
        return precisions.map(() => ({ encoder: [z, z], predictor: [Float32Array.of(1, 0), Float32Array.of(1, 0)] }));
      },
    });
    assert.deepEqual(indexes, [0, 1, 2]);
    const { value, standardError } = evaluations.find(({ metric }) => metric === 'contrastive term')!;
    // |p - z|^2 = 2 - 2 cos: 1, 2 and 4, with the mean 7/3 and the variance 7/3.
    assert.ok(Math.abs(value - 7 / 3) < 1e-6, `${value}`);
    assert.ok(Math.abs(standardError! - Math.sqrt(7) / 3) < 1e-6, `${standardError}`);
    assert.equal(evaluations.find(({ metric }) => metric === 'cross term')!.standardError, 0);
  });

  it('measures 50 batches by default; one has no standard error', async () => {
    const float = outputs([[1, 2], [3, 4]], [[1, 0], [0, 1]]); // prettier-ignore
    for (const [options, last, hasError] of [
      [{}, 'decomposition 50/50', true],
      [{ batches: 1 }, 'decomposition 1/1', false],
    ] as const) {
      const { context, evaluations, progress } = await stageRun({}, 2, 1, { float, w4a4: float });
      await (await makeRunStage(decomposition, { precisions: ['w4a4'], ...options })).run(context);
      assert.equal(progress.at(-1), last);
      assert.ok(evaluations.every(({ standardError }) => (standardError !== undefined) === hasError));
    }
  });

  it('refuses methods that compare no features', () => {
    for (const use of ['barlow-twins', 'dino', 'swav'])
      assert.throws(() => decomposition.check!({ precisions: ['w4a4'], batches: 50 }, { method: { use } }), {
        code: 'DECOMPOSITION_TARGETS',
      });
    for (const use of ['simsiam', 'byol', 'moco', 'simclr', './my-method.js'])
      decomposition.check!({ precisions: ['w4a4'], batches: 50 }, { method: { use } });
  });

  it('says where predictions and features are in different spaces', async () => {
    const float = outputs([[1], [2]], [[1, 0], [0, 1]]); // prettier-ignore
    await assert.rejects(terms(float, float), { code: 'DECOMPOSITION_IMPOSSIBLE' });
  });
});
