import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMALL, ssql, writePipeline } from './small-run.js';

/** Every view predicts the features of the global views, except its own: SimSiam with multi-crop. */
const MULTI_CROP = `export const plugins = [{
  kind: 'method', name: 'multi-crop', summary: 'SimSiam with local views.',
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: (_, { tf }) => ({
    views: { global: 2, local: 'any' },
    projector: { forward: (nn, x) => nn.batchNorm(nn.linear(x, '0', { units: 8, bias: false }), '1') },
    heads: { predictor: { forward: (nn, x) => nn.linear(x, '0', { units: 8, bias: true }) } },
    online(branch, views) {
      const z = views.map((view) => branch.encode(view));
      return { z, p: z.map((features) => branch.head('predictor', features)) };
    },
    targets: ({ z }) => z.slice(0, 2).map((features) => tf.customGrad((x) => ({ value: x, gradFunc: () => tf.zerosLike(x) }))(features)),
    loss({ p }, targets) {
      const pairs = targets.flatMap((target, index) => p.filter((_, view) => view !== index).map((q) => similarity(tf, q, target)));
      return tf.neg(tf.div(tf.addN(pairs), pairs.length));
    },
    features: ({ z }) => z[0],
  }),
}];
const unit = (tf, x) => tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-12)));
const similarity = (tf, p, z) => tf.mean(tf.sum(tf.mul(unit(tf, p), unit(tf, z)), 1));
`;

const crop = (scale: readonly [number, number]) => ({ use: 'random-resized-crop', with: { scale } });
const PIPELINE = {
  ...SMALL,
  plugins: ['./multi-crop.mjs'],
  method: 'multi-crop',
  quantization: { wrap: 'ssql' },
  augment: [{ use: 'normalize', with: { mean: [0.13], std: [0.31] } }],
  views: [
    { augment: [crop([0.3, 1])], count: 2 },
    { augment: [crop([0.1, 0.3]), 'random-erasing'], size: 16, count: 3 },
  ],
  train: { epochs: 1, batch: 100 },
  stages: [{ use: 'knn', with: { precisions: ['w4a4'], k: 5 } }],
};

describe('views that differ', function () {
  this.timeout(120_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-views-'));
    writeFileSync(join(folder, 'multi-crop.mjs'), MULTI_CROP);
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const engine of ['wasm', 'tensorflow']) {
    it(`train a method with multi-crop on ${engine}`, async () => {
      const file = writePipeline(folder, PIPELINE);
      const set = ['--set', `engine.use=${engine}`];
      const { status, stderr } = await ssql(folder, ['run', file, ...set, '--runs', engine]);
      assert.equal(status, 0, stderr);
      const [run = ''] = readdirSync(join(folder, engine, 'small')).filter((name) => !name.includes('.'));
      const metrics = readFileSync(join(folder, engine, 'small', run, 'metrics.ndjson'), 'utf8')
        .trim()
        .split('\n');
      const losses = metrics.map((line) => (JSON.parse(line) as { readonly loss: number }).loss);
      assert.equal(losses.length, 2);
      assert.ok(
        losses.every((loss) => Number.isFinite(loss)),
        String(losses),
      );
    });
  }

  it('are an error for a method that takes two views of one shape, before the first step', async () => {
    const file = writePipeline(folder, { ...PIPELINE, method: SMALL['method'] });
    const { status, stderr } = await ssql(folder, ['run', file, '--runs', 'refused']);
    assert.equal(status, 2);
    assert.match(
      stderr,
      /VIEW_COUNT The method `simsiam` takes 2 views, but `views` has 5\.\n {2}at .*pipeline\.yaml:/,
    );
  });

  it('are explained, with the augmentations within others', async () => {
    const held = { use: 'random-apply', with: { of: ['solarize'], p: 0.2 } };
    const [first, local] = PIPELINE.views;
    const file = writePipeline(folder, { ...PIPELINE, views: [{ ...first, augment: [held] }, local] });
    const { stdout } = await ssql(folder, ['explain', file]);
    assert.match(stdout, /^augment\.0 +normalize\n(?: {4}.*\n)* {4}for all views\n/m);
    assert.match(stdout, /^views\.0\.augment\.0 +random-apply\n(?: {4}.*\n)* {4}for views 1 to 2\n/m);
    assert.match(stdout, /^views\.0\.augment\.0\.with\.of\.0 +solarize\n(?: {4}.*\n)* {4}for views 1 to 2\n/m);
    assert.match(stdout, /^views\.1\.augment\.1 +random-erasing\n(?: {4}.*\n)* {4}for views 3 to 5, of 16x16\n/m);
    const shown = await ssql(folder, ['show', 'random-apply']);
    assert.match(shown.stdout, /of +list of plugin of kind augmentation +required/);
  });

  it('have nested options, which are shown', async () => {
    const plugin = ['--plugin', join(process.cwd(), 'test/samples/nested-reference/sometimes.js')];
    const { status, stdout, stderr } = await ssql(folder, ['show', 'sometimes', ...plugin]);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /box +\{ low: number, high\?: number \}/);
    const page = await ssql(folder, ['show', 'sometimes', ...plugin, '--markdown']);
    assert.match(page.stdout, /of:\s+- plain/);
  });
});
