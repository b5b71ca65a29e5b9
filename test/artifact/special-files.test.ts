import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SsqlError } from '../../packages/core/src/errors.js';
import { PipelineErrors } from '../../packages/core/src/errors.js';
import { readCheckpoint } from '../../packages/core/src/artifact/checkpoint-files.js';
import { readMetrics } from '../../packages/core/src/artifact/metrics-files.js';
import { readManifest, readPipeline, readProgress, readWeights } from '../../packages/core/src/artifact/run-files.js';
import { claimLock, isLocked } from '../../packages/core/src/file-lock.js';
import { loadPipeline } from '../../packages/core/src/pipeline/load.js';
import { importPlugins } from '../../packages/core/src/plugin/discover.js';
import { hashInitialWeights } from '../../packages/core/src/train/initial-weights.js';
import { cifar10 } from '../../packages/plugins/src/data/cifar10.js';
import { idx } from '../../packages/plugins/src/data/idx.js';
import { decodeImages } from '../../packages/plugins/src/data/images/decode-images.js';
import { imageList } from '../../packages/plugins/src/data/image-list.js';
import { parquet } from '../../packages/plugins/src/data/parquet.js';
import { tarShards } from '../../packages/plugins/src/data/tar-shards.js';
import { smallRegistry } from '../pipeline/small-plugins.js';
import { make } from '../plugins/make-plugin.js';

/** Opening a pipe waits for a writer for ever, so that a reader that is not careful hangs here. */
describe('what is no file', function () {
  if (process.platform === 'win32') return;
  let folder: string;
  const at = (name: string): string => join(folder, name);
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-special-'));
    for (const name of [
      ...['pipe.yaml', 'pipe.mjs', 'pipe.png', 'list.csv', 'shard.tar', 'rows.parquet', 'train-images-idx3-ubyte'],
      ...['pipeline.yaml', 'manifest.json', 'finished.json', 'metrics.ndjson', 'weights.safetensors', 'lock'],
      ...['data_batch_1.bin', 'test_batch.bin'],
    ])
      execFileSync('mkfifo', [at(name)]);
    symlinkSync('loop.yaml', at('loop.yaml'));
    writeFileSync(at('extending.yaml'), 'extends: ./pipe.yaml\n');
    writeFileSync(at('looping.yaml'), 'extends: ./loop.yaml\n');
  });
  after(() => rmSync(folder, { recursive: true }));

  const errorOf = async (work: () => unknown): Promise<SsqlError> => {
    const error: unknown = await Promise.resolve()
      .then(work)
      .catch((thrown: unknown) => thrown);
    const [first] = error instanceof PipelineErrors ? error.errors : [error];
    assert.ok(first instanceof Error && first.name === 'SsqlError', String(error));
    return first as SsqlError;
  };
  const load = (name: string) => () => loadPipeline(at(name), { plugins: smallRegistry });

  for (const [what, read] of Object.entries<() => unknown>({
    'as a pipeline': () => load('pipe.yaml')(),
    'as a pipeline, by a link': () => load('loop.yaml')(),
    'as a plugin': () => importPlugins(['./pipe.mjs'], folder),
    'as initial weights': () => hashInitialWeights({ weights: 'weights.safetensors' }, folder, undefined),
    'as a lock': () => claimLock(at('lock')),
    'as a lock of another': () => isLocked(at('lock')),
    'as data of cifar10': () => make(cifar10, { root: folder, batches: [1] }),
    'as data of idx': () => make(idx, { root: folder }),
    'as a list of images': () => make(imageList, { list: at('list.csv'), size: 4, workers: 0 }),
    'as an archive of images': () => make(tarShards, { root: folder, train: '*.tar', size: 4, workers: 0 }),
    'as a table of images': () => make(parquet, { root: at('rows.parquet'), size: 4, workers: 0 }),
  }))
    it(`is refused ${what}`, async () => {
      const { code, message } = await errorOf(read);
      assert.equal(code, 'FILE_SPECIAL', message);
      assert.match(message, /^\S+ is (a pipe|a link that leads back to itself), not a file\.$/);
    });

  for (const name of ['extending', 'looping'])
    it(`is refused where ${name}.yaml extends it`, async () => {
      const { code, details } = await errorOf(load(`${name}.yaml`));
      assert.equal(code, 'FILE_SPECIAL');
      assert.equal(details.location?.line, 1);
    });

  for (const [name, read] of Object.entries<(folder: string) => unknown>({
    'pipeline.yaml': readPipeline,
    'manifest.json': readManifest,
    'finished.json': readProgress,
    'weights.safetensors': readWeights,
  }))
    it(`is damage in the place of ${name}`, async () => {
      const { code, message } = await errorOf(() => read(folder));
      assert.equal(code, 'RUN_CORRUPT', message);
      assert.match(message, new RegExp(`${name} is a pipe, not a file`));
    });

  it('is damage in the place of metrics and checkpoints', async () => {
    const run = join(folder, 'run');
    execFileSync('mkdir', ['-p', join(run, 'checkpoints')]);
    execFileSync('mkfifo', [join(run, 'metrics.ndjson'), join(run, 'checkpoints', 'last.safetensors')]);
    assert.equal((await errorOf(() => readMetrics(run))).code, 'RUN_CORRUPT');
    assert.equal((await errorOf(() => readCheckpoint(run))).code, 'RUN_CORRUPT');
  });

  it('is a broken image', async () => {
    const images = [{ at: 0, image: { file: at('pipe.png') } }];
    const { broken } = await decodeImages({ pixels: new SharedArrayBuffer(3), height: 1, width: 1, images });
    assert.match(broken[0]?.reason ?? '', /it is a pipe or a device/);
  });
});
