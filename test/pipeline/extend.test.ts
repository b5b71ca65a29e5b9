import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PipelineErrors } from '@ssql/core';
import { formatError, loadPipeline, type LoadedPipeline } from '@ssql/core/run';

const BASE = `data: { use: digits, with: { test: 500 } }
augment: [random-warp, random-erasing]
backbone: { use: resnet18, with: { stem: cifar, width: 8 } }
method: simsiam
optimizer: { use: sgd, with: { lr: 0.5, momentum: 0 } }
train: { epochs: 3, batch: 50 }
`;

describe('extends', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-extends-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (files: { readonly [name: string]: string }): void => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  };
  const load = (files: { readonly [name: string]: string }): Promise<LoadedPipeline> => {
    write(files);
    return loadPipeline(join(folder, 'a.yaml'));
  };
  const first = async (files: { readonly [name: string]: string }) => (await load(files)).cells[0]!.pipeline;
  const message = async (files: { readonly [name: string]: string }): Promise<string> => {
    try {
      await load(files);
    } catch (error) {
      assert.ok(error instanceof PipelineErrors);
      return formatError(error).replaceAll(folder, '');
    }
    assert.fail('nothing was wrong');
  };

  it('notices a cycle through links at its first link', async () => {
    symlinkSync('a.yaml', join(folder, 'link.yaml'));
    assert.match(
      await message({ 'a.yaml': 'name: a\nextends: ./link.yaml\n' }),
      /^EXTENDS_CYCLE .*: a\.yaml -> link\.yaml \(a link to a\.yaml\)\./,
    );
  });

  it('merges mappings and replaces lists; the extending file wins', async () => {
    const pipeline = await first({
      'a.yaml':
        'name: a\nextends: ./base.yaml\naugment: [horizontal-flip]\nbackbone: { with: { width: 4 } }\ntrain: { epochs: 9 }\n',
      'base.yaml': BASE,
    });
    assert.deepEqual(
      pipeline.augment.map(({ use }) => use),
      ['horizontal-flip'],
    );
    assert.deepEqual([pipeline.backbone.with['stem'], pipeline.backbone.with['width']], ['cifar', 4]);
    assert.deepEqual([pipeline.train.epochs, pipeline.train.batch], [9, 50]);
  });

  it('drops the options of a replaced plugin, and keeps those of a plugin that is named again', async () => {
    const exchanged = await first({
      'a.yaml': 'name: a\nextends: ./base.yaml\ndata: { use: cifar10, with: { root: . } }\noptimizer: sgd\n',
      'base.yaml': BASE,
    });
    assert.deepEqual(exchanged.data.with, { root: '.' });
    // A plain name is the plugin with its defaults where it replaces a mapping.
    assert.equal(exchanged.optimizer.use, 'sgd');
    const again = await first({
      'a.yaml': 'name: a\nextends: ./base.yaml\noptimizer: { use: sgd, with: { momentum: 0.5 } }\n',
      'base.yaml': BASE,
    });
    assert.deepEqual([again.optimizer.with['lr'], again.optimizer.with['momentum']], [0.5, 0.5]);
  });

  it('extends several files, with precedence for the later one, and files of packages', async () => {
    const pipeline = await first({
      'a.yaml': 'name: a\nextends: [ssql-base/base.yaml, ./late.yaml]\n',
      'late.yaml': 'seed: 5\ntrain: { epochs: 7 }\n',
      'node_modules/ssql-base/package.json': '{ "name": "ssql-base", "version": "1.0.0" }',
      'node_modules/ssql-base/base.yaml': `extends: ./more.yaml\n${BASE}`,
      'node_modules/ssql-base/more.yaml': 'seed: 1\n',
    });
    assert.deepEqual([pipeline.seed, pipeline.train.epochs, pipeline.train.batch], [5, 7, 50]);
  });

  it('reports the file of an error, and the files that extend it', async () => {
    const text = await message({
      'a.yaml': 'name: a\nextends: ./sub/b.yaml\n',
      'sub/b.yaml': '# b\nextends: ../base.yaml\n',
      'base.yaml': BASE.replace('lr: 0.5', 'lr: fast'),
    });
    assert.match(
      text,
      /^WRONG_TYPE Expected a number at `optimizer.with.lr`, found the text `fast`\.\n {2}at \/base\.yaml:5:36\n {2}extended by \/sub\/b\.yaml:2:10\n {2}extended by \/a\.yaml:2:10\n/,
    );
  });

  it('locates errors in options of a plugin that files name and set separately', async () => {
    const files = {
      'a.yaml': 'name: a\nextends: ./b.yaml\ndata: { with: { tset: 1 } }\nmethod: byol\n',
      'b.yaml': BASE,
    };
    assert.match(
      await message({ ...files, 'b.yaml': BASE.replace(/^data.*/, 'data: digits') }),
      /^UNKNOWN_KEY [^]*at \/a\.yaml:3:17/,
    );
    const other = BASE.replace('method: simsiam', 'method: { use: simsiam, with: { dim: 8 } }');
    const loaded = await load({ 'a.yaml': 'name: a\nextends: ./b.yaml\nmethod: { use: byol }\n', 'b.yaml': other });
    assert.deepEqual(loaded.cells[0]!.origin(['method', 'with', 'dim']), { from: 'default', of: 'byol' });
  });

  it('tells which keys an inherited matrix overrides, and null takes the matrix away', async () => {
    const files = { 'b.yaml': `${BASE}seed: 3\nmatrix: { seed: [1, 2] }\n` };
    const [extending, own] = ['name: a\nextends: ./b.yaml\n', 'seed: 5\n'];
    const { notes } = await load({ ...files, 'a.yaml': `${extending}${own}` });
    assert.deepEqual(
      notes.map((note) => note.replaceAll(folder, '')),
      [
        '`seed` (/a.yaml:3) has no effect: the inherited matrix sets it (/b.yaml:8). `matrix: { seed: null }` takes that away.',
      ],
    );
    assert.deepEqual((await load({ ...files, 'a.yaml': extending })).notes, []);
    for (const matrix of ['null', '{ seed: null }']) {
      const loaded = await load({ ...files, 'a.yaml': `${extending}${own}matrix: ${matrix}\n` });
      assert.deepEqual(loaded.notes, []);
      assert.deepEqual(
        loaded.cells.map(({ cell, pipeline }) => [cell, pipeline.seed]),
        [[{}, 5]],
      );
    }
  });

  it('reports broken YAML of an extended file', async () => {
    assert.match(await message({ 'a.yaml': 'extends: ./b.yaml\n', 'b.yaml': 'a: [\n' }), /^YAML_SYNTAX [^]*\/b\.yaml:/);
  });

  it('refuses cycles, missing files, and values that are not files', async () => {
    assert.match(
      await message({ 'a.yaml': 'extends: ./b.yaml\n', 'b.yaml': 'extends: [./a.yaml]\n' }),
      /^EXTENDS_CYCLE Pipeline files extend each other in a cycle: a\.yaml -> b\.yaml -> a\.yaml\.\n {2}at \/b\.yaml:1:11/,
    );
    assert.match(
      await message({ 'a.yaml': 'extends: ./none.yaml\n' }),
      /^EXTENDS_MISSING [^]*none\.yaml[^]*at \/a\.yaml:1:10/,
    );
    assert.match(await message({ 'a.yaml': 'extends: nothing/base.yaml\n' }), /^EXTENDS_MISSING /);
    assert.match(await message({ 'a.yaml': 'extends: { file: b }\n' }), /^EXTENDS_INVALID [^]*at \/a\.yaml:1:10/);
  });
});
