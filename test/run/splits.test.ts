import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PipelineErrors, planPipeline, runPipeline, type RunOptions } from '@ssql/core/run';
import { loadSmall, runOptions } from './cpu-pipeline.js';

/** Data whose splits note each read, with labels and classes where an option says so; stages that use features, with and without labels. */
const PLUGINS = `
const reads = (globalThis.ssqlTestReads ??= []);
const options = { type: 'object', additionalProperties: false, properties: {} };
const split = (name, size, labelled) => ({ size, ...(labelled && { labels: Uint8Array.from({ length: size }, (_, i) => i % 2) }),
  read: async (indexes) => { reads.push(name); return Uint8Array.from({ length: indexes.length * 64 }, (_, i) => (indexes[Math.floor(i / 64)] * 37 + i * i) % 251); } });
const dataset = { name: 'noted', classes: ['a', 'b'], shape: [8, 8, 1], train: split('train', 20, true), test: split('test', 6, true), fingerprint: 'f',
  splits: { unlabelled: split('unlabelled', 40), validation: split('validation', 8, true) } };
const bare = { name: 'bare', classes: [], shape: [8, 8, 1], train: split('train', 20), test: split('test', 6), fingerprint: 'f' };
const stage = (needsLabels) => ({ scope: 'run', ...needsLabels,
  async run({ features, record, dataset }) {
    const [{ train, test }] = await features([{ weights: 'float', activations: 'float' }]);
    const values = { train: train.values.length / train.dimension, test: test.values.length / test.dimension, labels: test.labels?.length ?? 0, classes: dataset.classes.length };
    for (const [metric, value] of Object.entries(values)) await record([{ stage: 'sizes', precision: 'float', classifier: 'float', metric, value }]);
  } });
export const plugins = [
  { kind: 'data', name: 'noted', summary: 'Notes its reads.', options, create: () => dataset },
  { kind: 'data', name: 'bare', summary: 'Has no labels.', options, create: () => bare },
  { kind: 'stage', name: 'sizes', summary: 'Counts features.', options, create: () => stage({}) },
  { kind: 'stage', name: 'labelled', summary: 'Needs labels.', options, create: () => stage({ needsLabels: true }) },
];
`;

describe('splits of data', function () {
  this.timeout(60_000);
  let folder: string;
  const reads = (): string[] => ((globalThis as { ssqlTestReads?: string[] }).ssqlTestReads ??= []);
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-splits-'));
    writeFileSync(join(folder, 'plugins.mjs'), PLUGINS);
  });
  beforeEach(() => void reads().splice(0));
  after(() => rmSync(folder, { recursive: true }));

  const options = (): Partial<RunOptions> => ({ ...runOptions(folder), fresh: true });
  const load = (change: object) =>
    loadSmall(folder, {
      plugins: ['./plugins.mjs'],
      data: 'noted',
      augment: [],
      backbone: { use: 'resnet18', with: { stem: 'cifar', width: 2, blocks: [1] } },
      train: { epochs: 1, batch: 10 },
      evaluation: { calibration: { samples: 4, batch: 4 } },
      stages: ['sizes'],
      ...change,
    });
  const sizesOf = async (change: object): Promise<object> => {
    const { runs } = await runPipeline(await load(change), options());
    return Object.fromEntries(runs[0]!.evaluations.map(({ metric, value }) => [metric, value]));
  };
  const errorOf = async (change: object) => {
    const error: unknown = await runPipeline(await load(change), options()).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof PipelineErrors, error instanceof Error ? error.stack : 'the run succeeds');
    assert.deepEqual(reads(), [], 'images are read before the error');
    const [{ code, message, details }] = error.errors as [PipelineErrors['errors'][0]];
    const { line } = details.location!;
    const at = readFileSync(join(folder, 'pipeline.yaml'), 'utf8').split('\n')[line - 1]!.trim();
    return { code, message, hint: details.hint, at };
  };

  it('train and evaluate on `train` and `test`, if a pipeline does not choose', async () => {
    assert.deepEqual(await sizesOf({}), { train: 20, test: 6, labels: 6, classes: 2 });
    assert.deepEqual(new Set(reads()), new Set(['train', 'test']));
  });

  it('are chosen for training and for evaluation', async () => {
    const train = { epochs: 1, batch: 10, split: 'unlabelled' };
    assert.deepEqual(await sizesOf({ train, evaluation: { test: 'validation' } }), {
      train: 20,
      test: 8,
      labels: 8,
      classes: 2,
    });
    // Four steps of pretraining, then evaluation.
    assert.deepEqual(reads().slice(0, 4), new Array(4).fill('unlabelled'));
    assert.deepEqual(new Set(reads().slice(4)), new Set(['train', 'validation']));
    reads().splice(0);
    assert.equal(((await sizesOf({ train, evaluation: { train: 'validation' } })) as { train: number }).train, 8);
    assert.ok(!reads().includes('train'));
  });

  it('without labels leave out stages that need them, where the pipeline says so, and tell', async () => {
    const notes: string[] = [];
    const loaded = await load({ data: 'bare', evaluation: { unlabelled: 'skip' }, stages: ['labelled', 'sizes'] });
    const { runs } = await runPipeline(loaded, {
      ...options(),
      onEvent: (event) => event.type === 'note' && notes.push(event.text),
    });
    assert.deepEqual([...new Set(runs[0]!.evaluations.map(({ stage }) => stage))], ['sizes']);
    assert.deepEqual(
      notes.filter((line) => line.includes('left out')),
      ['The stage `labelled` needs labels and is left out, because the images have none.'],
    );
  });

  it('belong to the identity of a run where they are not the default', async () => {
    const planned = async (change: object) => {
      const { runs } = await planPipeline(await load(change), { ...options(), fresh: false });
      return { id: runs[0]!.id, phases: runs[0]!.phases.map(({ fingerprint }) => fingerprint) };
    };
    const before = await planned({});
    const train = { epochs: 1, batch: 10 };
    assert.equal((await planned({ train: { ...train, split: 'train' } })).id, before.id);
    assert.notEqual((await planned({ train: { ...train, split: 'unlabelled' } })).id, before.id);
    const other = await planned({ evaluation: { test: 'validation', calibration: { samples: 4, batch: 4 } } });
    assert.equal(other.id, before.id);
    assert.equal(other.phases[0], before.phases[0]);
    assert.notEqual(other.phases[1], before.phases[1]);
  });

  it('that do not exist are an error before the first step', async () => {
    const train = { epochs: 1, batch: 10, split: 'unlabeled' };
    assert.deepEqual(await errorOf({ train }), {
      code: 'SPLIT_UNKNOWN',
      message: 'The data `noted` has no split `unlabeled`.',
      hint: 'Did you mean `unlabelled`? Splits: `unlabelled`, `validation`, `train`, `test`.',
      at: 'split: unlabeled',
    });
    const { code, hint, at } = await errorOf({ evaluation: { test: 'constructor' } });
    assert.deepEqual([code, at], ['SPLIT_UNKNOWN', 'test: constructor']);
    assert.equal(hint, 'Splits: `unlabelled`, `validation`, `train`, `test`.');
  });

  it('without labels train and are evaluated by stages that need none', async () => {
    assert.deepEqual(await sizesOf({ data: 'bare' }), { train: 20, test: 6, labels: 0, classes: 0 });
  });

  for (const stage of ['labelled', 'knn', 'linear-probe'])
    it(`without labels are refused for the stage ${stage}`, async () => {
      const stages = [{ use: stage, ...(stage !== 'labelled' && { with: { precisions: ['float'] } }) }];
      assert.deepEqual(await errorOf({ data: 'bare', stages }), {
        code: 'LABELS_MISSING',
        message: `The stage \`${stage}\` needs labels, but the images of the split \`train\` have none.`,
        hint: 'Choose labelled splits with `evaluation.train` and `evaluation.test`, or remove the stage.',
        at: `- use: ${stage}`,
      });
      const monitored = await errorOf({ evaluation: { test: 'unlabelled' }, stages: [], monitor: { stages } });
      assert.match(monitored.message, /the split `unlabelled` have none/);
      assert.deepEqual([monitored.code, monitored.at], ['LABELS_MISSING', `- use: ${stage}`]);
    });
});
