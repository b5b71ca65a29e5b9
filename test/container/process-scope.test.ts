import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { stringify } from 'yaml';
import { COMPOSITION } from '../../packages/core/src/container/composition.js';
import { engineToken, openProcess } from '../../packages/core/src/container/process-scope.js';
import { ENGINE, runServices } from '../../packages/core/src/container/run-scope.js';
import { loadPipeline, type LoadedPipeline } from '../../packages/core/src/pipeline/load.js';
import { definePlugin, type AnyPlugin } from '../../packages/core/src/plugin/contract.js';
import { createRegistry } from '../../packages/core/src/plugin/registry.js';
import { smallPackage } from '../pipeline/small-plugins.js';

const split = { size: 0, labels: new Uint8Array(), read: () => Promise.resolve(new Uint8Array()) };

function images(name: string): AnyPlugin {
  return definePlugin({
    kind: 'data',
    name,
    summary: 'No images.',
    options: { type: 'object', additionalProperties: false, properties: {} },
    create: () => ({ name, classes: [], shape: [8, 8, 1], train: split, test: split, fingerprint: 'none' }),
  });
}

describe('the scope that runs share', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-process-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const load = (matrix: object): Promise<LoadedPipeline> => {
    const pipeline = {
      name: 'sample',
      engine: { use: 'cpu', threads: { intraOp: 1, interOp: 1 } },
      data: 'photographs',
      backbone: 'resnet18',
      method: 'simsiam',
      optimizer: { use: 'sgd', with: { lr: 0.05 } },
      train: { epochs: 1, batch: 2 },
      matrix,
    };
    const file = join(folder, 'pipeline.yaml');
    writeFileSync(file, stringify(pipeline));
    const plugins = [images('photographs'), images('drawings')];
    return loadPipeline(file, { plugins: createRegistry([smallPackage, { name: 'test', plugins }]) });
  };

  it('has a dataset for each data plugin, also if their options are equal', async () => {
    const loaded = await load({ data: ['photographs', 'drawings'] });
    const process = await openProcess(loaded);
    const names: string[] = [];
    for (const cell of loaded.cells) {
      const run = await process.open('run', runServices(loaded, cell));
      names.push((await run.get(COMPOSITION)).dataset.name);
    }
    assert.deepEqual(names, ['photographs', 'drawings']);
    await process.close();
  });

  for (const [path, values] of Object.entries({
    'engine.use': ['cpu', 'wasm'],
    'engine.threads.intraOp': [1, 2],
    'engine.threads.interOp': [1, 2],
  }))
    it(`has an engine for each \`${path}\``, async () => {
      const { cells } = await load({ [path]: values });
      assert.equal(new Set(cells.map(({ pipeline }) => engineToken(pipeline))).size, 2);
    });

  it('has one engine for runs that differ in other ways', async () => {
    const { cells } = await load({ seed: [1, 2] });
    assert.equal(new Set(cells.map(({ pipeline }) => engineToken(pipeline))).size, 1);
  });

  it('closes the engine that its runs used', async () => {
    const loaded = await load({ seed: [1] });
    const process = await openProcess(loaded);
    const run = await process.open('run', runServices(loaded, loaded.cells[0]!));
    await run.get(ENGINE);
    const backend = tf.findBackend('cpu');
    assert.ok(backend);
    await process.close();
    assert.notEqual(tf.findBackend('cpu'), backend);
  });
});
