import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PipelineErrors } from '../../packages/core/src/errors.js';
import { formatError } from '../../packages/core/src/format-error.js';
import { loadPipeline } from '../../packages/core/src/pipeline/load.js';
import { createRegistry } from '../../packages/core/src/plugin/registry.js';
import { editorSchema } from '../../packages/core/src/schemas/editor-schema.js';
import { smallPackage, smallRegistry } from './small-plugins.js';

const text = `name: sample
data: digits
backbone: { use: resnet18, with: { stem: cifar } }
method: simsiam
optimizer: { use: sgd, with: { lr: 0.05 } }
train: { epochs: 2, batch: 32 }
`;

describe('loadPipeline', () => {
  let folder = '';
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'ssql-load-'))));
  afterEach(() => rm(folder, { recursive: true }));

  async function write(content: string | Uint8Array): Promise<string> {
    const file = join(folder, 'pipeline.yaml');
    await writeFile(file, content);
    return file;
  }
  const load = async (content: string) => loadPipeline(await write(content), { plugins: smallRegistry });
  async function codes(loading: Promise<unknown>): Promise<string[]> {
    const error: unknown = await loading.catch((thrown: unknown) => thrown);
    assert.ok(error instanceof PipelineErrors, String(error));
    return error.errors.map(({ code }) => code);
  }

  it('fills in all defaults', async () => {
    const loaded = await load(text);
    assert.deepEqual(
      [loaded.name, loaded.folder, loaded.cells.length, loaded.cells[0]?.label],
      ['sample', folder, 1, ''],
    );
    const uniform = (symmetric: boolean, granularity: string) => ({ use: 'uniform', with: { symmetric, granularity } });
    const minmax = { use: 'minmax', with: {} };
    assert.deepEqual(loaded.cells[0]?.pipeline, {
      name: 'sample',
      plugins: [],
      seed: 0,
      engine: { use: 'auto', precision: 'float32' },
      data: { use: 'digits', with: { limit: 100 } },
      augment: [],
      backbone: { use: 'resnet18', with: { stem: 'cifar' } },
      method: { use: 'simsiam', with: { dim: 2048, predictorHidden: 512 } },
      quantization: {
        wrap: { use: 'none', with: {} },
        weights: { quantizer: uniform(true, 'channel'), observer: minmax, bits: [2, 3, 4, 5, 6, 7, 8] },
        activations: { quantizer: uniform(false, 'tensor'), observer: minmax, bits: [4, 5, 6, 7, 8] },
        sampler: { use: 'uniform', with: {} },
        pins: {},
      },
      optimizer: { use: 'sgd', with: { lr: 0.05, momentum: 0.9 } },
      schedule: { use: 'cosine', with: {} },
      train: { epochs: 2, batch: 32, checkpointEvery: 1 },
      evaluation: { calibration: { samples: 1000, batch: 500 }, assigner: { use: 'integer-program', with: {} } },
      stages: [],
      loggers: [{ use: 'tensorboard', with: {} }],
      labels: {},
    });
  });

  it('freezes deeply', async () => {
    const pipeline = (await load(text)).cells[0]?.pipeline;
    assert.throws(() => Object.assign(pipeline?.method.with ?? {}, { dim: 1 }), TypeError);
    assert.throws(() => Object.assign(pipeline?.quantization.weights.bits ?? [], { 0: 1 }), TypeError);
  });

  it('makes a pipeline for each cell, with values that only the matrix sets', async () => {
    const { cells } = await load(
      `${text.replace('method: simsiam\n', '')}matrix: { method: [simsiam, byol], seed: [0, 1] }\n`,
    );
    assert.deepEqual(
      cells.map(({ label, pipeline }) => [label, pipeline.method.use, pipeline.seed]),
      [
        ['simsiam seed 0', 'simsiam', 0],
        ['simsiam seed 1', 'simsiam', 1],
        ['byol seed 0', 'byol', 0],
        ['byol seed 1', 'byol', 1],
      ],
    );
    const { file: _, frame: __, ...location } = cells[2]?.location(['method']) ?? { file: '', frame: '' };
    assert.deepEqual(location, { line: 6, column: 29 });
  });

  it('writes YAML that loads as the same pipeline', async () => {
    const stages =
      '{ use: knn, with: { precisions: &p [float, w4a4] } }, { use: linear-probe, with: { precisions: *p } }';
    const { cells } = await load(
      `${text}matrix: { seed: [3, 4] }\nstages: [${stages}]\nquantization: { pins: { "layer*": w8 } }\n`,
    );
    for (const cell of cells) assert.deepEqual((await load(cell.yaml)).cells[0]?.pipeline, cell.pipeline);
  });

  it('expands aliases without sharing their values', async () => {
    const side = 'quantizer: *q';
    const { cells } = await load(
      `${text}quantization:\n  weights: { quantizer: &q { use: uniform, with: {} } }\n  activations: { ${side} }\n`,
    );
    const { weights, activations } = cells[0]?.pipeline.quantization ?? {};
    assert.deepEqual(weights?.quantizer, activations?.quantizer);
    assert.notEqual(weights?.quantizer, activations?.quantizer);
  });

  it('reports which file is missing or too large', async () => {
    assert.deepEqual(await codes(loadPipeline(join(folder, 'other.yaml'), { plugins: smallRegistry })), [
      'PIPELINE_FILE_MISSING',
    ]);
    const large = await write(`# ${'x'.repeat(1_000_000)}\n`);
    assert.deepEqual(await codes(loadPipeline(large, { plugins: smallRegistry })), ['PIPELINE_TOO_LARGE']);
  });

  it('reports a problem of many cells once', async () => {
    assert.deepEqual(await codes(load(`${text}sed: 1\nmatrix: { seed: [0, 1, 2] }\n`)), ['UNKNOWN_KEY']);
  });

  it('ends quickly on a long line and on deep nesting', async () => {
    await codes(load(`${text}stages: ${'['.repeat(500)}${']'.repeat(500)}\n`));
    await codes(load(`${text}? ${'x'.repeat(900_000)}\n: 1\n`));
  });

  it('finds the built-in plugins and named packages next to the pipeline', async () => {
    await writePackage('@ssql/plugins', `${OPTIONS}export const plugins = [${plugin('data', 'digits')}];`);
    await writePackage('ssql-plugin-odd', `${OPTIONS}export const plugins = [${plugin('method', 'odd')}];`);
    const file = await write(text.replace('method: simsiam', 'method: odd\nplugins: [ssql-plugin-odd]'));
    const error: unknown = await loadPipeline(file).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof PipelineErrors);
    const kinds = new Set(error.errors.map(({ code, message }) => `${code} ${message}`));
    assert.ok(kinds.has('UNKNOWN_PLUGIN Unknown backbone `resnet18`.'));
    assert.ok(![...kinds].some((kind) => /method|data/.test(kind)), [...kinds].join('\n'));
  });

  async function writePackage(name: string, source: string): Promise<void> {
    const home = join(folder, 'node_modules', name);
    await mkdir(home, { recursive: true });
    // Such as only `import` may enter.
    await writeFile(
      join(home, 'package.json'),
      JSON.stringify({ name, type: 'module', exports: { '.': { import: './main.js' } } }),
    );
    await writeFile(join(home, 'main.js'), source);
  }
});

const OPTIONS = "const options = { type: 'object', additionalProperties: false, properties: {} };\n";
const plugin = (kind: string, name: string) =>
  `{ kind: '${kind}', name: '${name}', summary: '', options, create: () => ({}) }`;

describe('createRegistry', () => {
  it('names both packages of a duplicate', () => {
    assert.throws(
      () => createRegistry([smallPackage, { name: 'ssql-plugin-odd', plugins: smallPackage.plugins.slice(0, 1) }]),
      (error: unknown) =>
        error instanceof PipelineErrors && /@ssql\/plugins and ssql-plugin-odd both/.test(error.message),
    );
  });

  it('lists by kind, in order', () => {
    assert.deepEqual(
      smallRegistry.list('method').map(({ name }) => name),
      ['simsiam', 'byol'],
    );
    assert.equal(smallRegistry.get('quantizer', 'simsiam'), undefined);
  });
});

describe('formatError', () => {
  it('colours for a terminal', async () => {
    const error: unknown = await loadPipeline('none.yaml', { plugins: smallRegistry }).catch(
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof PipelineErrors);
    assert.equal(
      formatError(error),
      'PIPELINE_FILE_MISSING Cannot read the pipeline file none.yaml: it does not exist.\n  See docs/errors.md#pipeline_file_missing',
    );
    assert.match(formatError(error, { color: true }), /^\u001b\[31mPIPELINE_FILE_MISSING\u001b\[39m /);
  });
});

describe('pipelineSchema', () => {
  interface Validates {
    (value: unknown): boolean;
  }
  // The Ajv of core: eslint brings another one.
  const { Ajv } = createRequire(new URL('../../packages/core/package.json', import.meta.url))('ajv') as {
    readonly Ajv: new (options: object) => { compile(schema: object): Validates };
  };
  const validate = new Ajv({ strict: false, allErrors: true }).compile(editorSchema(smallRegistry));
  const pipeline = {
    name: 'a',
    data: 'digits',
    backbone: 'resnet18',
    method: 'simsiam',
    train: { epochs: 1, batch: 1 },
  };
  const sgd = { use: 'sgd', with: { lr: 0.1 } };

  it('accepts names and references', () => {
    assert.ok(validate({ ...pipeline, optimizer: sgd }));
    assert.ok(validate({ ...pipeline, matrix: { optimizer: [sgd] } }));
    assert.ok(
      validate({
        ...pipeline,
        optimizer: sgd,
        quantization: { wrap: 'ssql', pins: { conv1: 'w8a8', fc: { weights: 'float' } } },
      }),
    );
  });

  it('refuses unknown names, options and missing options', () => {
    assert.ok(!validate(pipeline));
    assert.ok(!validate({ ...pipeline, optimizer: 'sgd' }));
    assert.ok(!validate({ ...pipeline, optimizer: { use: 'sgd' } }));
    assert.ok(!validate({ ...pipeline, optimizer: { use: 'sgd', with: { lr: 0 } } }));
    assert.ok(!validate({ ...pipeline, optimizer: sgd, method: 'simsam' }));
    assert.ok(!validate({ ...pipeline, optimizer: sgd, quantization: { pins: { conv1: 'w80' } } }));
  });
});
