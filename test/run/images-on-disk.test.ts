import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawn, writeFiles } from '../plugins/write-images.js';
import { SMALL, ssql, writePipeline, type Ended } from '../cli/small-run.js';

/** Each epoch leaves out some of them, so that the second and the third epoch write images too. */
const IMAGES = 24;
const BATCH = 8;
const END = new URL('end-decoder.js', import.meta.url).href;

describe('images that do not fit into memory', function () {
  this.timeout(120_000);
  let folder: string;
  let file: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-on-disk-'));
    const jpeg = async (i: number) => [`images/${i}.jpg`, await drawn(9 + i, 30 - i).jpeg().toBuffer()] as const; // prettier-ignore
    writeFiles(
      folder,
      Object.fromEntries(await Promise.all(Array.from({ length: IMAGES }, (_, index) => jpeg(index)))),
    );
    file = writePipeline(folder, {
      ...SMALL,
      engine: { use: 'cpu' },
      loggers: [],
      data: { use: 'image-folder', with: { root: 'images', size: 8, workers: 1, cache: '0MB' } },
      augment: ['horizontal-flip'],
      backbone: { use: 'resnet18', with: { stem: 'cifar', width: 2, blocks: [1] } },
      train: { epochs: 3, batch: BATCH },
      stages: [],
    });
  });
  after(() => rmSync(folder, { recursive: true }));

  const run = (runs: string, args: readonly string[] = [], environment = {}): Promise<Ended> =>
    ssql(folder, ['run', file, '--runs', runs, ...args], undefined, environment);
  /** The weights and metrics of the one run, after a check that no image was left behind. */
  const results = (runs: string) => {
    const [pipeline = ''] = readdirSync(join(folder, runs));
    const names = readdirSync(join(folder, runs, pipeline));
    assert.equal(names.length, 1, names.join());
    return ['weights.safetensors', 'metrics.ndjson'].map((name) =>
      readFileSync(join(folder, runs, pipeline, names[0]!, name)),
    );
  };

  it('give the same bytes as images in memory, also after a kill or the end of a thread within an image', async () => {
    const complete = async (runs: string, ...args: readonly string[]): Promise<void> => {
      const { status, stderr } = await run(runs, args);
      assert.equal(status, 0, stderr);
    };
    const interrupted = async (end: string, at: number): Promise<string> => {
      const ended = await run(end, [], { NODE_OPTIONS: `--import ${END}`, SSQL_END: end, SSQL_END_AT: `${at}` });
      assert.notEqual(ended.status, 0, 'it ended');
      await complete(end, '--resume');
      return ended.stderr;
    };
    const [, , told] = await Promise.all([
      complete('memory', '--set', 'data.with.cache=1GB'),
      interrupted('process', BATCH + 3),
      interrupted('thread', 2 * BATCH + 2),
    ]);
    assert.match(told, /^DECODER_DIED A thread that decodes images ended/m);
    for (const end of ['process', 'thread']) assert.deepEqual(results(end), results('memory'));
  });
});
