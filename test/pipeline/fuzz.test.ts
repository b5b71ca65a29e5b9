import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { random } from '@ssql/core';
import { PipelineErrors, type SsqlError } from '../../packages/core/src/errors.js';
import { formatError } from '../../packages/core/src/format-error.js';
import { createLoader } from '../../packages/core/src/pipeline/load.js';
import { mutate, pick } from './mutate.js';
import { smallRegistry } from './small-plugins.js';

const CASES = 10_000;
const BLOCK = 500;

/** What is true of a whole file has no line. */
const OF_THE_FILE = ['PIPELINE_TOO_LARGE', 'PIPELINE_FILE_MISSING'];

/** Codes that mutations must have led to, or they test too little. */
const EXPECTED = [
  ...['YAML_SYNTAX', 'YAML_DUPLICATE_KEY', 'YAML_ALIASES', 'WRONG_TYPE', 'OUT_OF_RANGE', 'MISSING_KEY', 'UNKNOWN_KEY'],
  ...['OPTION_INVALID', 'PRECISION_INVALID', 'UNKNOWN_PLUGIN', 'EXTENDS_INVALID', 'EXTENDS_MISSING', 'EXTENDS_CYCLE'],
  ...['INTERPOLATION_INVALID', 'INTERPOLATION_UNKNOWN', 'INTERPOLATION_CYCLE', 'MATRIX_INVALID', 'OVERRIDE_INVALID'],
];

const ARGUMENTS = [
  ...[
    'seed=2',
    'train.epochs=',
    '~method',
    '~augment.0',
    'augment.+=random-crop',
    'matrix.seed=[1, 2]',
    'seed=${train.epochs}',
  ],
  ...[
    'a.b.c=1',
    '=',
    'seed',
    '~',
    '.=1',
    'method.use=byol',
    'stages.9=knn',
    '__proto__.polluted=1',
    'constructor.prototype.polluted=1',
    'seed=*x',
    '~extends',
    'method.with={ __proto__: { polluted: 1 } }',
    'quantization.pins.layer1.0.*=w8a8',
    '~quantization.pins.a.b',
    'matrix.a.b=[1]',
    'labels.a.b=c',
  ],
];

describe('mutated pipelines', function () {
  this.timeout(120_000);
  let folder: string;
  before(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-fuzz-'))));
  after(() => rmSync(folder, { recursive: true }));

  const samples = readdirSync('test/samples').map((name) => `test/samples/${name}/pipeline.yaml`);
  const textOf = (files: readonly string[]): string[] =>
    files.map((file) => readFileSync(file, 'utf8')).filter((text) => text.length < 4000);
  const [good, all] = [textOf(samples.filter((file) => file.includes('composed-'))), textOf(samples)];
  const outcomes = new Map<string, number>();
  const count = (outcome: string): void => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const load = createLoader({ plugins: smallRegistry, variables: { HOME: '/home/somebody', N: '3' } });

  for (let first = 0; first < CASES; first += BLOCK) {
    it(`${first} to ${first + BLOCK - 1} load, or say what is wrong and where`, async () => {
      for (let index = first; index < first + BLOCK; index++) {
        const source = random(index, 'fuzz');
        const text = mutate(pick(source, source.uniform() < 0.7 ? good : all), source);
        const set = source.uniform() < 0.2 ? [pick(source, ARGUMENTS)] : [];
        const file = join(folder, 'pipeline.yaml');
        writeFileSync(file, text);
        // A chain of files: the mutated one extends another, which a third extends.
        if (index % 10 === 0) {
          writeFileSync(join(folder, 'base.yaml'), mutate(pick(source, all), source));
          writeFileSync(file, `extends: ./middle.yaml\n${text}`);
          writeFileSync(join(folder, 'middle.yaml'), 'extends: [./base.yaml]\nseed: 3\n');
        }
        try {
          for (const { yaml } of (await load(file, set)).cells) assert.ok(yaml.length > 0);
          count('loads');
        } catch (error) {
          const what = () => `case ${index}, set ${JSON.stringify(set)}:\n${text}\n`;
          assert.ok(
            error instanceof PipelineErrors,
            `${what()}${error instanceof Error ? error.stack : String(error)}`,
          );
          assert.ok(error.errors.length > 0, what());
          for (const one of error.errors) verify(one, file, text, what);
          new Set(error.errors.map(({ code }) => code)).forEach(count);
          // None may reach a terminal.
          assert.doesNotMatch(formatError(error), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/, what());
        }
      }
      assert.equal(({} as { polluted?: unknown }).polluted, undefined, 'nothing reaches the prototype of objects');
    });
  }

  it('meet every part of the loader', () => {
    const said = JSON.stringify(Object.fromEntries(outcomes));
    assert.ok((outcomes.get('loads') ?? 0) > CASES / 50, said);
    for (const code of EXPECTED) assert.ok((outcomes.get(code) ?? 0) >= 10, `${code} of ${said}`);
  });
});

function verify(
  { code, message, details: { location } }: SsqlError,
  file: string,
  text: string,
  what: () => string,
): void {
  assert.match(code, /^[A-Z][A-Z0-9_]+$/, what());
  assert.ok(message.length > 0, what());
  if (OF_THE_FILE.includes(code)) return;
  assert.ok(location !== undefined, `${code} has no place: ${message}\n${what()}`);
  assert.ok(location.frame.length > 0 && location.line >= 1 && location.column >= 1, what());
  if (location.file === file) assert.ok(location.line <= text.split('\n').length + 1, what());
}
