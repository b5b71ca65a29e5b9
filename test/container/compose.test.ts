import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { COMPOSITION, type Composition } from '../../packages/core/src/container/composition.js';
import { openProcess } from '../../packages/core/src/container/process-scope.js';
import { runServices, VIEWS } from '../../packages/core/src/container/run-scope.js';
import type { Token } from '../../packages/core/src/container/token.js';
import { SsqlError } from '../../packages/core/src/errors.js';
import { formatError } from '../../packages/core/src/format-error.js';
import { loadPipeline } from '../../packages/core/src/pipeline/load.js';
import { definePlugin, type AnyPlugin } from '../../packages/core/src/plugin/contract.js';
import { createRegistry } from '../../packages/core/src/plugin/registry.js';
import { smallPackage } from '../pipeline/small-plugins.js';

const none = { type: 'object', additionalProperties: false, properties: {} } as const;
const text = `name: sample
data: { use: digits, with: { limit: 5 } }
backbone: resnet18
method: simsiam
optimizer: { use: sgd, with: { lr: 0.05 } }
train: { epochs: 2, batch: 32 }
`;

const compose = (content: string, ...plugins: AnyPlugin[]): Promise<Composition> =>
  make(COMPOSITION, content, ...plugins);

async function make<T>(token: Token<T>, content: string, ...plugins: AnyPlugin[]): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ssql-compose-'));
  try {
    await writeFile(join(folder, 'pipeline.yaml'), content);
    const registry = createRegistry([smallPackage, { name: 'test', plugins }]);
    const loaded = { ...(await loadPipeline(join(folder, 'pipeline.yaml'), { plugins: registry })), folder: '/data' };
    const process = await openProcess(loaded);
    return await (await process.open('run', runServices(loaded, loaded.cells[0]!))).get(token);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const simsiamOf = (views: number) =>
  definePlugin({
    kind: 'method',
    name: 'simsiam',
    summary: 'Takes some views.',
    options: none,
    create: () => ({
      views,
      projector: { forward: (_nn, x) => x },
      heads: {},
      online: () => [],
      targets: () => [],
      loss: () => tf.scalar(0),
      features: () => tf.zeros([1, 1]),
    }),
  });

async function failure(composing: Promise<unknown>): Promise<SsqlError> {
  const error: unknown = await composing.catch((thrown: unknown) => thrown);
  assert.ok(error instanceof SsqlError, String(error));
  return error;
}

describe('the composition of a run', () => {
  it('makes all parts of a run', async () => {
    const run = await compose(`${text}seed: 3
augment: [{ use: random-crop, with: { size: 8 } }, { use: random-crop, with: { size: 4 } }]
stages: [knn, linear-probe, knn]
quantization:
  wrap: ssql
  weights: { bits: [2, 4] }
  pins: { conv1: w8a8, fc: float, "layer1.*": { activations: float } }
`);
    assert.equal(run.dataset.name, 'digits-5');
    assert.equal(run.augmentations.length, 2);
    assert.notEqual(run.augmentations[0], run.augmentations[1]);
    assert.equal(run.wrapper.precisions, 1);
    assert.deepEqual(
      [run.weights.bits, run.activations.bits],
      [
        [2, 4],
        [4, 5, 6, 7, 8],
      ],
    );
    assert.notEqual(run.weights.quantizer, run.activations.quantizer);
    assert.equal(run.optimizer.learningRate, 0.05);
    assert.deepEqual(
      run.stages.map(({ name }) => name),
      ['knn', 'linear-probe', 'knn'],
    );
    assert.deepEqual(run.pins, {
      conv1: { weights: 8, activations: 8 },
      fc: { weights: 'float', activations: 'float' },
      'layer1.*': { activations: 'float' },
    });
  });

  it('passes tensors, folder, seed and needed plugins, each made once, even asynchronously', async () => {
    const made: string[] = [];
    const backbone = definePlugin({
      kind: 'backbone',
      name: 'slow',
      summary: 'Comes late.',
      options: none,
      needs: ['data'],
      async create(_options, { needs, folder, seed, tf: passed }) {
        await new Promise((done) => setTimeout(done, 5));
        made.push(`slow ${needs.data.name} ${folder} ${seed} ${passed.tensor === tf.tensor}`);
        return { forward: (_nn, x) => x };
      },
    });
    const user = (name: string) =>
      definePlugin({
        kind: 'stage',
        name,
        summary: 'Needs the backbone.',
        options: none,
        needs: ['backbone', 'data', 'quantizer'],
        create(_options, { needs }) {
          made.push(`${name} ${Object.keys(needs).join()} ${typeof needs.backbone.forward}`);
          return { scope: 'run', run: () => Promise.resolve() };
        },
      });
    await compose(
      `${text.replace('resnet18', 'slow')}seed: 3\nstages: [one, two]\n`,
      backbone,
      user('one'),
      user('two'),
    );
    assert.deepEqual(made, [
      'slow digits-5 /data 3 true',
      'one backbone,data,quantizer function',
      'two backbone,data,quantizer function',
    ]);
  });

  it('makes plugins of a third-party kind, whether or not others need them', async () => {
    const made: string[] = [];
    const teacher = definePlugin({
      kind: 'teacher' as 'backbone', // A third party declares it; see test/types.
      name: 'big',
      summary: 'Knows it all.',
      options: {
        type: 'object',
        additionalProperties: false,
        properties: { layers: { type: 'integer', default: 3, description: 'How many.' } },
      },
      needs: ['data'],
      create({ layers }, { needs }) {
        made.push(`teacher ${layers} ${needs.data.name}`);
        return Object.assign([layers], { forward: <T>(_nn: unknown, x: T) => x });
      },
    });
    const student = definePlugin({
      kind: 'backbone',
      name: 'student',
      summary: 'Learns from the teacher.',
      options: none,
      needs: ['teacher' as 'backbone'],
      create(_options, { needs }) {
        const { teacher: taughtBy } = needs as unknown as { readonly teacher: readonly number[] };
        made.push(`student of ${String(taughtBy[0])} ${Array.isArray(taughtBy)}`);
        return { forward: (_nn, x) => x };
      },
    });
    const taught = text.replace('resnet18', 'student');
    await compose(`${taught}teacher: { use: big, with: { layers: 5 } }\n`, teacher, student);
    assert.deepEqual(made.splice(0), ['teacher 5 digits-5', 'student of 5 true']);
    await compose(`${text}teacher: big\n`, teacher);
    assert.deepEqual(made, ['teacher 3 digits-5']);
  });

  it("gives a plugin's error the place of its reference", async () => {
    const failing = (error: Error) =>
      definePlugin({ kind: 'stage', name: 'failing', summary: '', options: none, create: () => Promise.reject(error) });
    const content = `${text}stages:\n  - knn\n  - failing\n`;
    const known = await failure(
      compose(content, failing(new SsqlError('DATA_MISSING', 'No data.', { hint: 'Fetch it.' }))),
    );
    assert.deepEqual(
      [known.code, known.details.hint, known.details.location?.line, known.details.location?.column],
      ['DATA_MISSING', 'Fetch it.', 9, 5],
    );
    const unknown = await failure(compose(content, failing(new TypeError('x is undefined'))));
    assert.deepEqual([unknown.code, unknown.details.location?.line], ['PLUGIN_BROKEN', 9]);
    assert.equal(unknown.message, 'test: the stage `failing` failed: x is undefined.');
    assert.ok(unknown.cause instanceof TypeError);
  });

  it('names the plugin and its place if its product is wrong or throws later', async () => {
    const made = (object: unknown) =>
      definePlugin({ kind: 'stage', name: 'odd', summary: '', options: none, create: () => object as never });
    const content = `${text}stages:\n  - odd\n`;
    const empty = await failure(compose(content, made(undefined)));
    assert.equal(empty.message, 'test: the stage `odd` makes undefined instead of an object.');
    const without = await failure(compose(content, made({ scope: 'run' })));
    assert.equal(without.message, 'test: the stage `odd` makes an object without `run`, a function.');
    assert.deepEqual([without.code, without.details.location?.line], ['PLUGIN_BROKEN', 8]);

    class Odd {
      readonly scope = 'run';
      private readonly words = 'no features';
      run(): Promise<void> {
        return Promise.reject(new TypeError(this.words));
      }
    }
    const { stages } = await compose(content, made(Object.freeze(new Odd())));
    const thrown = await failure(stages[0]!.stage.run(undefined as never) as Promise<never>);
    assert.deepEqual([thrown.code, thrown.details.location?.line], ['PLUGIN_BROKEN', 8]);
    assert.equal(thrown.message, 'test: the stage `odd` failed in `run`: no features.');
    assert.match(formatError(thrown), /\n {2}thrown at .*compose\.test\.ts/);
    const aborted = new AbortController();
    aborted.abort();
    const stopped = await compose(content, made({ scope: 'run', run: () => Promise.reject(aborted.signal.reason) }));
    await assert.rejects(stopped.stages[0]!.stage.run({ signal: aborted.signal } as never), { name: 'AbortError' });
    // An abort of its own is a failure.
    await assert.rejects(stopped.stages[0]!.stage.run({ signal: new AbortController().signal } as never), {
      code: 'PLUGIN_BROKEN',
    });
  });

  it('refuses plugins that need each other, and needs for kinds with a list', async () => {
    const network = { forward: <T>(_nn: unknown, x: T) => x };
    const a = definePlugin({
      kind: 'backbone',
      name: 'a',
      summary: '',
      options: none,
      needs: ['schedule'],
      create: () => network,
    });
    const b = definePlugin({
      kind: 'schedule',
      name: 'b',
      summary: '',
      options: none,
      needs: ['backbone'],
      create: () => ({ factor: () => 1 }),
    });
    const circular = await failure(compose(`${text.replace('resnet18', 'a')}schedule: b\n`, a, b));
    assert.deepEqual([circular.code, circular.details.location?.line], ['PLUGIN_BROKEN', 3]);
    assert.match(circular.message, /plugins need each other: backbone -> schedule -> backbone/);
    const many = definePlugin({
      kind: 'backbone',
      name: 'many',
      summary: '',
      options: none,
      needs: ['stage'],
      create: () => network,
    });
    const error = await failure(compose(text.replace('resnet18', 'many'), many));
    assert.deepEqual(
      [error.code, error.message],
      ['PLUGIN_BROKEN', 'test: the backbone `many` needs one `stage`, but a pipeline can have several.'],
    );
  });

  it('makes the views of a pipeline, and locates groups that the method does not take', async () => {
    const groups = (count: number): string => `${text}augment: [{ use: random-crop, with: { size: 8 } }]
views:
  - augment: [{ use: random-crop, with: { size: 4 } }]
  - count: ${count}
`;
    const run = await compose(groups(1));
    assert.deepEqual([run.augmentations.length, run.viewAugmentations?.map(({ length }) => length)], [1, [1, 0]]);
    const pair = definePlugin({ ...simsiamOf(2), name: 'pair' });
    assert.equal((await make(VIEWS, groups(1).replace('simsiam', 'pair'), pair)).count, 2);
    const error = await failure(make(VIEWS, groups(3).replace('simsiam', 'pair'), pair));
    assert.deepEqual([error.code, error.details.location?.line], ['VIEW_COUNT', 9]);
    const silent = definePlugin({ ...simsiamOf(undefined as never), name: 'pair' });
    const unknown = await failure(make(VIEWS, text.replace('simsiam', 'pair'), silent));
    assert.deepEqual([unknown.code, unknown.details.location?.line], ['PLUGIN_BROKEN', 4]);
  });
});
