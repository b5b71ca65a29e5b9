import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PipelineErrors } from '@ssql/core';
import { splitPath } from '../../packages/core/src/pipeline/dotted-path.js';
import { formatError, loadPipeline, type LoadedPipeline } from '@ssql/core/run';

const PIPELINE = `name: small
data: digits
augment: [random-erasing]
backbone: { use: resnet18, with: { stem: cifar } }
method: { use: simsiam, with: { dim: 16 } }
optimizer: sgd
train: { epochs: 3, batch: 50 }
matrix:
  quantization.wrap: [none, ssql]
  seed: [1, 2]
`;

describe('--set', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-set-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const load = (...set: string[]): Promise<LoadedPipeline> => {
    const file = join(folder, 'pipeline.yaml');
    writeFileSync(file, PIPELINE);
    return loadPipeline(file, { set });
  };
  const first = async (...set: string[]) => (await load(...set)).cells[0]!.pipeline;
  const message = async (...set: string[]): Promise<string> => {
    try {
      await load(...set);
    } catch (error) {
      assert.ok(error instanceof PipelineErrors);
      return formatError(error);
    }
    assert.fail('nothing was wrong');
  };

  it('sets values in YAML, including new keys', async () => {
    const pipeline = await first('train.epochs=60', 'optimizer.with.lr=0.5', 'engine.threads={ intraOp: 1 }');
    assert.equal(pipeline.train.epochs, 60);
    assert.equal(pipeline.optimizer.with['lr'], 0.5);
    assert.deepEqual(pipeline.engine.threads, { intraOp: 1 });
  });

  it('refuses extends, and what is within it: the files are read before', async () => {
    for (const set of ['extends=./base.yaml', 'extends.0=./base.yaml', 'extends.+=./base.yaml'])
      assert.match(await message(set), /^OVERRIDE_INVALID `--set` cannot change `extends`/);
  });

  it('takes a key up to a dot, not a key that only begins like it', () => {
    const document = { 'data.u': 1, data: { use: 'digits' }, 'data.use': { with: 2 } };
    assert.deepEqual(splitPath(document, 'data.used'), ['data', 'used']);
    assert.deepEqual(splitPath(document, 'data.use.with'), ['data.use', 'with']);
  });

  it('replaces a plugin without keeping the options of the old one', async () => {
    assert.deepEqual((await first('method.use=simsiam')).method.with['dim'], 16);
    assert.equal((await first('schedule=constant')).schedule.use, 'constant');
    const { backbone } = await first('backbone.use=resnet18', 'backbone=resnet18');
    assert.equal(backbone.with['stem'], 'imagenet');
  });

  it('sets options of plugins within options, and replaces these plugins, where only their names are written', async () => {
    const hold = 'augment.+={ use: random-apply, with: { of: [solarize, { use: gaussian-blur, with: { p: 1 } }] } }';
    const held = async (...set: string[]) => (await first(hold, ...set)).augment[1]!.with['of'] as { use: string; with: object }[]; // prettier-ignore
    const [solarize, blur] = await held('augment.1.with.of.0.with.p=0.25', 'augment.1.with.of.1.use=solarize');
    assert.deepEqual(solarize, { use: 'solarize', with: { p: 0.25, threshold: 0.5 } });
    assert.deepEqual(blur, { use: 'solarize', with: { p: 0.2, threshold: 0.5 } });
    assert.equal((await held('augment.1.with.of.0.use=grayscale'))[0]!.use, 'grayscale');
    assert.match(await message(hold, 'augment.1.with.of.0.with.P=1'), /^UNKNOWN_KEY [^]*at --set:1:26/);
    assert.match(await message('method.with.dim.with.p=1'), /^OVERRIDE_INVALID /);
  });

  it('sets, adds and removes items of a list', async () => {
    const names = async (...set: string[]) => (await first(...set)).augment.map(({ use }) => use);
    assert.deepEqual(await names('augment.0=random-warp'), ['random-warp']);
    assert.deepEqual(await names('augment.+=horizontal-flip'), ['random-erasing', 'horizontal-flip']);
    assert.deepEqual(await names('augment.+=horizontal-flip', '~augment.0'), ['horizontal-flip']);
    assert.deepEqual(await names('~augment'), []);
  });

  it('sets the only value of an axis of the matrix, or removes the axis', async () => {
    assert.deepEqual(
      (await load('seed=7')).cells.map(({ label, pipeline }) => [label, pipeline.seed]),
      [
        ['SimSiam seed 7', 7],
        ['SSQL-SimSiam seed 7', 7],
      ],
    );
    assert.deepEqual(
      (await load('~quantization.wrap')).cells.map(({ label }) => label),
      ['seed 1', 'seed 2'],
    );
    assert.equal((await load('~matrix')).cells.length, 1);
  });

  it('sets pins of sites whose names have dots', async () => {
    const pins = async (...set: string[]) => (await first(...set)).quantization.pins;
    const [added, narrowed] = [
      'quantization.pins.layer1.0.conv1=w8a8',
      'quantization.pins.layer1.0.conv1={weights: 4}',
    ];
    assert.deepEqual(await pins(added), { 'layer1.0.conv1': 'w8a8' });
    assert.deepEqual(await pins(narrowed, 'quantization.pins.layer1.0.conv1.activations=float'), {
      'layer1.0.conv1': { weights: 4, activations: 'float' },
    });
    assert.deepEqual(await pins(added, '~quantization.pins.layer1.0.conv1'), {});
    assert.deepEqual(await pins('matrix.quantization.pins.layer1.0.conv1=[w8, w4]'), { 'layer1.0.conv1': 'w8' });
  });

  it('is the place of an error if its value is wrong', async () => {
    assert.equal(
      await message('optimizer.with.lr=fast'),
      'WRONG_TYPE Expected a number at `optimizer.with.lr`, found the text `fast`.\n  at --set:1:19\n  1 | optimizer.with.lr=fast\n    |                   ^\n  See docs/errors.md#wrong_type',
    );
    assert.match(await message('method=simsiem'), /^UNKNOWN_PLUGIN [^]*at --set:1:8[^]*Did you mean `simsiam`/);
    assert.match(await message('seed=-1'), /^OUT_OF_RANGE [^]*at --set:1:6/);
    assert.match(await message('train.epoch=4'), /^UNKNOWN_KEY [^]*at --set:1:7[^]*Did you mean `epochs`/);
    assert.match(await message('trian.epochs=4'), /^UNKNOWN_KEY [^]*at --set:1:1[^]*Did you mean `train`/);
    assert.match(await message('~train.epochs'), /^MISSING_KEY [^]*at --set:1:8\n/);
    assert.match(await message('data.use=cifar10', 'backbone={with: {}}'), /^MISSING_KEY [^]*at --set:1:1\n/);
  });

  for (const [set, says] of [
    ['train.epochs', /Expected `path=value`/],
    ['~train.epochs=3', /Expected `path=value`/],
    ['=3', /Expected `path=value`/],
    ['train.epochs=[3', /The value is not valid YAML/],
    ['~train.epoch', /has no `epoch` there[^]*Did you mean `epochs`/],
    ['augment.4=random-warp', /no item `4`[^]*1 item, counted from 0/],
    ['name.first=a', /has no `first` there/],
    [
      'quantization.wrap.with.floatLoss=false',
      /The matrix sets `quantization.wrap`[^]*Set `quantization.wrap` instead/,
    ],
  ] as const) {
    it(`refuses ${set}`, async () => {
      const text = await message(set);
      assert.match(text, /^OVERRIDE_INVALID /);
      assert.match(text, says);
    });
  }
});
