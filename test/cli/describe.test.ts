import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMALL, ssql, writePipeline } from './small-run.js';

interface Described {
  readonly backbone: string;
  readonly image: readonly number[];
  readonly features: number;
  readonly parameters: { readonly [network: string]: number };
  readonly macs: number;
  readonly precisions: readonly { readonly precision: string; readonly bops: number; readonly bytes: number }[];
  readonly layers: readonly { readonly layer: string; readonly macs: number; readonly bops: object }[];
}

describe('ssql describe', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'ssql-describe-'))));
  after(() => rmSync(folder, { recursive: true }));

  // An engine that would not open: none is asked for.
  const describeIn = (...args: string[]) =>
    ssql(folder, ['describe', ...args], undefined, { LIBTENSORFLOW_DIR: folder });
  const json = async (...args: string[]): Promise<Described> => {
    const { status, stdout, stderr } = await describeIn(...args, '--json');
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout) as Described;
  };

  it('prints the cost of the backbone at the precisions of the stages', async () => {
    const found = await json(writePipeline(folder, SMALL));
    assert.deepEqual(found.image, [28, 28, 1]);
    assert.equal(found.features, 8);
    assert.deepEqual(
      found.precisions.map(({ precision }) => precision),
      ['float', 'w2a4', 'w4a4'],
    );
    const [float, w2a4] = found.precisions;
    assert.equal(float!.bops, 32 * 32 * found.macs);
    assert.equal(float!.bytes, 4 * found.parameters['backbone']!);
    assert.ok(w2a4!.bops < float!.bops / 30);
    // Its stem is pinned to 8 bits.
    assert.deepEqual(found.layers[0], {
      layer: 'conv1',
      parameters: 36,
      macs: 7 * 7 * 36,
      bops: { float: 7 * 7 * 36 * 1024, w2a4: 7 * 7 * 36 * 256, w4a4: 7 * 7 * 36 * 256 },
    });
  });

  it('counts the budget of mixed precisions, and no cost for folded batch norms', async () => {
    const knn = { use: 'knn', with: { precisions: ['mixed-w4a4', 'w4a4-folded'] } };
    const { precisions } = await json(writePipeline(folder, { ...SMALL, stages: [knn] }, 'mixed.yaml'));
    assert.deepEqual(
      precisions.map(({ precision }) => precision),
      ['float', 'w4a4', 'w4a4-folded'],
    );
    const [, w4a4, folded] = precisions;
    assert.equal(folded!.bops, w4a4!.bops);
    // Scales and shifts of each channel become one bias: 4 at the stem, 2 x 4 and 3 x 8 in the blocks.
    assert.equal(w4a4!.bytes - folded!.bytes, 4 * (4 + 2 * 4 + 3 * 8));
  });

  it('accepts the shape of an image if the data are missing', async () => {
    const data = { use: 'cifar10', with: { root: './none' } };
    const file = writePipeline(folder, { ...SMALL, data, augment: [] }, 'no-data.yaml');
    assert.equal((await describeIn(file)).status, 2);
    const { image, parameters } = await json(file, '--input', '224x224x3', '--set', 'backbone=resnet50');
    assert.deepEqual(image, [224, 224, 3]);
    assert.equal(parameters['backbone'], 23_508_032);
    const { status, stderr } = await describeIn(file, '--input', '224x224');
    assert.equal(status, 2);
    assert.match(stderr, /Write height, width and channels: 224x224x3\./);
  });

  it('fits a terminal', async () => {
    const file = writePipeline(folder, { ...SMALL, matrix: { seed: [1, 2] } }, 'matrix.yaml');
    const { stdout } = await describeIn(file, '--run', '2');
    assert.match(stdout, /^small, run 2 of 2: seed 2\n\nbackbone +resnet18\nimage +28x28x1\n/);
    assert.match(stdout, /^float +[\d.]+ M +100 % +[\d.]+ k$/m);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
  });
});
