import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeSafetensors } from '../../packages/core/src/artifact/safetensors.js';
import { runPipeline } from '@ssql/core/run';
import { loadSmall, runOptions } from './cpu-pipeline.js';

describe('a run on a folder of images', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-workers-'))));
  after(() => rmSync(folder, { recursive: true }));

  /** The names and weights of the runs of a pipeline, and its notes. */
  const run = async (runs: string, options: object, augment: readonly unknown[] = ['horizontal-flip']) => {
    const notes: string[] = [];
    const root = join(folder, 'images');
    const loaded = await loadSmall(folder, {
      data: { use: 'image-folder', with: { root, size: 8, ...options } },
      augment,
      backbone: { use: 'resnet18', with: { stem: 'cifar', width: 2, blocks: [1] } },
      train: { epochs: 2, batch: 2 },
      evaluation: { unlabelled: 'skip' },
      stages: [{ use: 'knn', with: { precisions: ['float'], k: 1 } }],
    });
    const { folder: path } = await runPipeline(loaded, {
      ...runOptions(join(folder, runs)),
      onEvent: (event) => event.type === 'note' && notes.push(event.text),
    });
    const names = readdirSync(path).filter((name) => !name.includes('.'));
    return { names, weights: names.map((name) => weightsIn(join(path, name))), notes };
  };

  it('trains on whole images of many sizes, if each view crops them first', async () => {
    cpSync('test/plugins/data/images', join(folder, 'images'), { recursive: true });
    const crop = { use: 'random-resized-crop', with: { size: 8 } };
    const whole = await run('whole', { whole: true, workers: 0 }, [crop, 'horizontal-flip']);
    assert.deepEqual(
      await run('whole by threads', { whole: true, workers: 2, cache: '0MB' }, [crop, 'horizontal-flip']),
      whole,
    );
    assert.notDeepEqual(whole.weights, (await run('cut', { workers: 0 }, [crop, 'horizontal-flip'])).weights);
    await assert.rejects(run('uncropped', { whole: true }), (error: Error) => {
      assert.match(error.message, /the first step of view 1 does not crop them/);
      return true;
    });
  });

  it('has the same name and the same weights with 0 and 4 workers, and says what it leaves out', async () => {
    cpSync('test/plugins/data/images', join(folder, 'images'), { recursive: true });
    const alone = await run('alone', { workers: 0, cache: '0MB' });
    assert.equal(alone.names.length, 1);
    assert.deepEqual(await run('four', { workers: 4 }), alone);
    writeFileSync(join(folder, 'images', 'train', 'dog', 'broken.jpg'), 'no image');
    const { weights, notes } = await run('skipping', { workers: 0, onError: 'skip' });
    assert.deepEqual(weights, alone.weights);
    assert.match(
      notes.join('\n'),
      /^1 of 8 images cannot be decoded and are left out\. The first: \S*broken\.jpg: it contains unsupported/m,
    );
    const unlabelled = await run('unlabelled', { workers: 0, onError: 'skip', labels: 'none' });
    assert.match(unlabelled.notes.join('\n'), /^The stage `knn` needs labels and is left out/m);
  });
});

/** The tensors: the file also says of which training they are. */
function weightsIn(folder: string): unknown {
  return decodeSafetensors(readFileSync(join(folder, 'weights.safetensors'))).tensors;
}
