import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PipelineErrors, planPipeline, runPipeline, type LoadedPipeline, type RunOptions } from '@ssql/core/run';
import { loadSmall, runOptions } from './cpu-pipeline.js';

/** A data plugin, a schedule and a stage that note when they are made or run. */
const COUNTING = `
const made = (globalThis.ssqlTestMade ??= []);
const options = { type: 'object', additionalProperties: false, properties: { kind: { type: 'integer', default: 0, description: 'Any.' } } };
const split = (size) => ({ size, labels: Uint8Array.from({ length: size }, (_, i) => i % 2),
  read: async (indexes) => Uint8Array.from({ length: indexes.length * 256 }, (_, i) => (indexes[Math.floor(i / 256)] * 37 + i) % 256) });
export const plugins = [
  { kind: 'data', name: 'counted', summary: 'Counts.', options,
    create: ({ kind }) => { made.push('data ' + kind); return { name: 'counted', classes: ['a', 'b'], shape: [16, 16, 1], train: split(40), test: split(10), fingerprint: 'f' }; } },
  { kind: 'data', name: 'seeded', summary: 'Reads the seed.', options, create: (_, { seed }) => ({ seed }) },
  { kind: 'stage', name: 'closing', summary: 'Counts the runs.', options,
    create: ({ kind }) => ({ scope: 'pipeline', run: async ({ runs }) => { made.push('closing ' + kind + ' of ' + runs.length + ' runs'); } }) },
  { kind: 'stage', name: 'failing', summary: 'Fails.', options, create: () => ({ scope: 'run', run: async () => { throw new Error('no results'); } }) },
  { kind: 'schedule', name: 'counted', summary: 'Counts.', options, create: () => { made.push('schedule'); return { factor: () => 1 }; } },
];
`;

describe('runs of one pipeline', function () {
  this.timeout(120_000);
  let folder: string;
  const made = (): string[] => ((globalThis as { ssqlTestMade?: string[] }).ssqlTestMade ??= []);
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-shared-'));
    writeFileSync(join(folder, 'counting.mjs'), COUNTING);
  });
  beforeEach(() => void made().splice(0));
  after(() => rmSync(folder, { recursive: true }));

  const options = (): Partial<RunOptions> => ({ ...runOptions(folder), fresh: true });
  const load = (change: object): Promise<LoadedPipeline> =>
    loadSmall(folder, {
      plugins: ['./counting.mjs'],
      data: 'counted',
      augment: [],
      schedule: 'counted',
      train: { epochs: 1, batch: 20 },
      stages: [],
      ...change,
    });

  it('read their data once where its options are equal, and are prepared once each', async () => {
    const loaded = await load({ matrix: { seed: [1, 2, 3] } });
    const { runs } = await runPipeline(loaded, options());
    assert.equal(runs.length, 3);
    assert.deepEqual(made(), ['data 0', 'schedule', 'schedule', 'schedule']);
    made().splice(0);
    await planPipeline(await load({ matrix: { 'data.with.kind': [1, 2], seed: [1, 2] } }), options());
    assert.deepEqual(
      made().filter((entry) => entry.startsWith('data')),
      ['data 1', 'data 2'],
    );
  });

  it('may use different engines, one after the other', async () => {
    const loaded = await load({ matrix: { 'engine.use': ['cpu', 'wasm', 'cpu'].slice(0, 2), seed: [1] } });
    const { runs } = await runPipeline(loaded, options());
    assert.deepEqual(
      runs.map(({ manifest }) => (manifest['engine'] as { readonly name: string }).name),
      ['cpu', 'wasm'],
    );
  });

  it('end with the stages of the whole pipeline, those of the last run', async () => {
    const closing = (kind: number) => [{ use: 'closing', with: { kind } }];
    const include = [
      { seed: 1, stages: closing(1) },
      { seed: 2, stages: closing(2) },
    ];
    await runPipeline(await load({ matrix: { include } }), options());
    assert.deepEqual(
      made().filter((entry) => entry.startsWith('closing')),
      ['closing 2 of 2 runs'],
    );
  });

  it('cannot give their data a seed, for they share it', async () => {
    const error: unknown = await planPipeline(await load({ data: 'seeded' }), options()).catch(
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof PipelineErrors, String(error));
    assert.deepEqual(
      error.errors.map(({ code, details }) => [code, details.location?.file.endsWith('pipeline.yaml')]),
      [['DATA_SEED_UNAVAILABLE', true]],
    );
  });

  it('keep their folders when they are relabelled, and train anew in bfloat16', async () => {
    const matrix = { seed: [1, 2] };
    const idsOf = async (change: object): Promise<readonly string[]> =>
      (await planPipeline(await load({ matrix, ...change }), options())).runs.map(({ id }) => id);
    const ids = await idsOf({});
    const relabelled = await load({ matrix, labels: { 'seed 1': 'the first' } });
    assert.deepEqual(
      relabelled.cells.map(({ label }) => label),
      ['the first', 'seed 2'],
    );
    assert.deepEqual(await idsOf({ labels: { 'seed 1': 'the first' } }), ids);
    assert.deepEqual(await idsOf({ engine: { use: 'cpu', precision: 'float32' } }), ids);
    for (const id of await idsOf({ engine: { use: 'cpu', precision: 'bfloat16' } })) assert.ok(!ids.includes(id), id);
  });

  it('refuse a stage whose scope does not exist, which would never run', async () => {
    writeFileSync(
      join(folder, 'nowhere.mjs'),
      `const options = { type: 'object', additionalProperties: false, properties: {} };
      export const plugins = [{ kind: 'stage', name: 'nowhere', summary: 'Runs nowhere.', options, create: () => ({ scope: 'everything', run: async () => {} }) }];`,
    );
    const loaded = await load({ plugins: ['./counting.mjs', './nowhere.mjs'], stages: ['nowhere'] });
    await assert.rejects(
      planPipeline(loaded, options()),
      (error: unknown) =>
        error instanceof PipelineErrors &&
        /PLUGIN_BROKEN/.test(error.errors[0]!.code) &&
        /`scope` "everything"; expected `run` or `pipeline`/.test(error.errors[0]!.message),
    );
  });

  it('report where a stage stands that fails after training', async () => {
    await assert.rejects(runPipeline(await load({ stages: ['failing'], seed: 9 }), options()), (error: unknown) => {
      const { code, details } = error as { code: string; details: { location?: { frame: string }; hint?: string } };
      assert.equal(code, 'PLUGIN_BROKEN');
      assert.match(details.location?.frame ?? '', /failing/);
      assert.match(details.hint ?? '', /--resume/);
      return true;
    });
  });
});
