import assert from 'node:assert/strict';
import { random } from '@ssql/core';
import { decomposition } from '../../packages/plugins/src/stage/decomposition.js';
import { makeRunStage } from './make-plugin.js';
import { stageRun, type ViewOutputs } from './stage-run.js';

async function terms(float: ViewOutputs, quantized: ViewOutputs): Promise<{ readonly [metric: string]: number }> {
  const { context, evaluations } = await stageRun({}, 2, 1, { float, w4a4: quantized });
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

  it('says where predictions and features are in different spaces', async () => {
    const float = outputs([[1], [2]], [[1, 0], [0, 1]]); // prettier-ignore
    await assert.rejects(terms(float, float), { code: 'DECOMPOSITION_IMPOSSIBLE' });
  });
});
