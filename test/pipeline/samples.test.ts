import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { printed } from '../../packages/core/src/cli/print.js';
import { PipelineErrors } from '../../packages/core/src/errors.js';
import { formatError } from '../../packages/core/src/format-error.js';
import { loadPipeline } from '../../packages/core/src/pipeline/load.js';
import { smallDiscover } from './small-plugins.js';

/** What a sample is loaded with, besides its files: `with.yaml`. */
interface With {
  readonly set?: readonly string[];
  readonly variables?: { readonly [name: string]: string };
}

const samples = readdirSync('test/samples');
const broken = samples.filter((name) => existsSync(`test/samples/${name}/expected.txt`));
const good = samples.filter((name) => existsSync(`test/samples/${name}/expected.yaml`));

describe('samples', () => {
  it('are each broken or good, with an expectation', () => {
    assert.deepEqual([...broken, ...good].sort(), samples);
    assert.ok(broken.length >= 60 && good.length >= 20, `${broken.length} broken and ${good.length} good`);
  });
});

describe('broken pipelines', () => {
  for (const name of broken) {
    it(name, async () => {
      const error: unknown = await load(name).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof PipelineErrors, `expected errors, got ${String(error)}`);
      const text = `${formatError(error).replaceAll(process.cwd(), '<root>')}\n`;
      assert.equal(text, readFileSync(`test/samples/${name}/expected.txt`, 'utf8'));
    });
  }
});

describe('good compositions', () => {
  for (const name of good) {
    it(name, async () => {
      const loaded = await load(name);
      assert.equal(printed(loaded), readFileSync(`test/samples/${name}/expected.yaml`, 'utf8'));
    });

    it(`${name}, printed, loads as the same`, async () => {
      const loaded = await load(name);
      const folder = mkdtempSync(join(tmpdir(), 'ssql-sample-'));
      try {
        cpSync(`test/samples/${name}`, folder, { recursive: true });
        for (const { pipeline, yaml } of loaded.cells) {
          writeFileSync(join(folder, 'printed.yaml'), yaml);
          const { variables = {} } = readWith(name);
          const again = await loadPipeline(join(folder, 'printed.yaml'), { plugins: smallDiscover, variables });
          assert.deepEqual(again.cells[0]!.pipeline, pipeline);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});

function load(name: string): ReturnType<typeof loadPipeline> {
  const { set = [], variables = {} } = readWith(name);
  return loadPipeline(`test/samples/${name}/pipeline.yaml`, { plugins: smallDiscover, set, variables });
}

function readWith(name: string): With {
  const file = `test/samples/${name}/with.yaml`;
  return existsSync(file) ? (parse(readFileSync(file, 'utf8')) as With) : {};
}
