import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PipelineErrors } from '../../packages/core/src/errors.js';
import { loadPipeline } from '../../packages/core/src/pipeline/load.js';
import { smallRegistry } from './small-plugins.js';

const BASE =
  'name: a\ndata: digits\nbackbone: resnet18\nmethod: simsiam\noptimizer: { use: sgd, with: { lr: 0.1 } }\ntrain: { epochs: 1, batch: 1 }\n';
const many = (count: number, item: (index: number) => string, between = ','): string =>
  Array.from({ length: count }, (_, index) => item(index)).join(between);

/** Files near the limit of what is read, of one thing each; the code of their first error. */
const FILES: { readonly [what: string]: readonly [text: string, code: string] } = {
  'unknown keys': [many(5000, (i) => `key${i}: 1`, '\n'), 'UNKNOWN_KEY'],
  'the same key': [many(7000, () => 'seed: 1', '\n'), 'YAML_DUPLICATE_KEY'],
  'bit widths': [`quantization: { weights: { bits: [${many(20_000, (i) => String(i % 300))}] } }`, 'OUT_OF_RANGE'],
  'runs of one list': [`matrix: { seed: [${many(10_000, String)}] }`, 'MATRIX_INVALID'],
  'runs of many lists': [`matrix: { ${many(4, (i) => `p${i}: [${many(10, String)}]`)} }`, 'MATRIX_INVALID'],
  'runs of many pins': [
    `matrix: { seed: [${many(1000, String)}] }\nquantization: { pins: { ${many(990, (i) => `l${i}: w8a8`)} } }`,
    'MATRIX_INVALID',
  ],
  exclusions: [`matrix: { seed: [1], exclude: [${many(5000, (i) => `{ seed: ${i + 2} }`)}] }`, 'MATRIX_INVALID'],
  'unknown plugins': [`stages: [${many(10_000, () => 'knm')}]`, 'UNKNOWN_PLUGIN'],
  pins: [`quantization: { pins: { ${many(6000, (i) => `l${i}: w88`)} } }`, 'PRECISION_INVALID'],
  expressions: [`stages: [${many(6000, () => '"${sed}"')}]`, 'INTERPOLATION_UNKNOWN'],
  aliases: [`x: &x [1]\ny: [${many(10_000, () => '*x')}]`, 'YAML_ALIASES'],
  'one text': [`seed: "${'x'.repeat(90_000)}"`, 'WRONG_TYPE'],
  levels: [`seed: ${'['.repeat(40_000)}${']'.repeat(40_000)}`, 'YAML_TOO_DEEP'],
  bytes: [`# ${'x'.repeat(100_000)}`, 'PIPELINE_TOO_LARGE'],
};

describe('giant pipelines', () => {
  let folder: string;
  before(() => void (folder = mkdtempSync(join(tmpdir(), 'ssql-giant-'))));
  after(() => rmSync(folder, { recursive: true }));

  for (const what of ['is read', 'is extended'])
    it(`a device without end is refused where it ${what}`, async function () {
      if (!existsSync('/dev/zero')) this.skip();
      const extending = join(folder, 'extending.yaml');
      writeFileSync(extending, 'extends: /dev/zero\n');
      const file = what === 'is read' ? '/dev/zero' : extending;
      const error: unknown = await loadPipeline(file, { plugins: smallRegistry }).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof PipelineErrors, String(error));
      assert.equal(error.errors[0]?.code, 'FILE_SPECIAL');
    });

  for (const [what, [text, code]] of Object.entries(FILES)) {
    it(`of many ${what} are answered: ${code}`, async () => {
      writeFileSync(join(folder, 'pipeline.yaml'), BASE + text);
      const error: unknown = await loadPipeline(join(folder, 'pipeline.yaml'), { plugins: smallRegistry }).catch(
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof PipelineErrors, String(error));
      assert.ok(
        error.errors.some((one) => one.code === code),
        error.errors[0]?.message,
      );
      assert.ok(error.errors.length <= 1000, 'nobody reads more');
    });
  }
});
