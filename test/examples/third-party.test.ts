import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Evaluation } from '../../packages/core/src/kinds/run-record.js';
import { install, npm, pack } from '../packed/packed.js';

interface Example {
  readonly name: string;
  /** The line of the quickstart that it replaces. */
  readonly replaced: RegExp;
  readonly by: string;
  readonly settings: readonly string[];
}

const EXAMPLES: readonly Example[] = [
  {
    name: 'ssql-plugin-apot',
    replaced: /^ {2}weights: .*$/m,
    by: '  weights: { quantizer: { use: apot, with: { clip: learned } }, bits: [2, 3, 4, 5, 6, 7, 8] }',
    settings: [],
  },
  {
    name: 'ssql-plugin-vicreg',
    replaced: /^method: .*$/m,
    by: 'method: { use: vicreg, with: { dim: 128 } }',
    settings: ['optimizer.with.lr=0.05'],
  },
  {
    name: 'ssql-plugin-switchable-sandwich',
    replaced: /^ {2}wrap: .*$/m,
    by: '  wrap: switchable-sandwich',
    settings: ['matrix={ quantization.wrap: [switchable-sandwich] }'],
  },
];

/** One epoch of few images, the SSQL twin alone, and one classifier. */
const SHORT = [
  'train.epochs=1',
  'data={ use: digits, with: { test: 9744 } }', // of 10,000: 256 are left to train on
  'matrix={ quantization.wrap: [ssql] }',
  '~monitor',
  'stages=[{ use: knn, with: { precisions: [float, w8a8, w3a3] } }]',
];

describe('a plugin that a third party publishes', function () {
  this.timeout(300_000);
  let folder: string;
  let ours: readonly string[];
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-third-party-'));
    ours = await pack(folder, 'packages/core', 'packages/plugins');
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const { name, replaced, by, settings } of EXAMPLES) {
    describe(name, () => {
      let published: string;

      it('is built, tested and packed outside this repository', async () => {
        const source = join(folder, 'source', name);
        cpSync(join('examples', name), source, { recursive: true, filter: (path) => !/node_modules|dist/.test(path) });
        await install(source, '--no-save', '--prefer-offline', ...ours);
        await npm(source, 'run', 'build');
        assert.match(await npm(source, 'test'), /^# fail 0$/m);
        [published = ''] = await pack(folder, source);
      });

      it('runs the quickstart, changed in two lines, from its tarball', async () => {
        const project = join(folder, 'project', name);
        mkdirSync(project, { recursive: true });
        writeFileSync(join(project, 'package.json'), '{ "private": true }');
        await install(project, '--prefer-offline', ...ours, published);

        const quickstart = readFileSync('pipelines/quickstart.yaml', 'utf8');
        const pipeline = quickstart.replace(/^seed:/m, `plugins: [${name}]\n$&`).replace(replaced, by);
        assert.deepEqual(changes(quickstart, pipeline), { added: [`plugins: [${name}]`, by], removed: 1 });
        writeFileSync(join(project, 'pipeline.yaml'), pipeline);

        const set = [...SHORT, ...settings].flatMap((setting) => ['--set', setting]);
        await npm(project, 'exec', '--', 'ssql', 'run', 'pipeline.yaml', ...set);
        const runs = join(project, 'runs', 'quickstart');
        const [run = ''] = readdirSync(runs).filter((entry) => !entry.includes('.'));
        const read = (file: string): string => readFileSync(join(runs, run, file), 'utf8');

        const manifest = JSON.parse(read('manifest.json')) as { readonly plugins: { readonly [name: string]: string } };
        assert.equal(manifest.plugins[name], '1.0.0');
        const steps = read('metrics.ndjson').trim().split('\n');
        assert.equal(steps.length, 4);
        for (const step of steps) {
          const { loss, parts } = JSON.parse(step) as { loss: number; parts: { readonly [name: string]: number } };
          assert.ok(Object.keys(parts).length >= 2, step);
          for (const value of [loss, ...Object.values(parts)]) assert.ok(Number.isFinite(value), step);
        }
        const evaluations = JSON.parse(read('evaluation.json')) as Evaluation[];
        assert.equal(evaluations.length, 3);
        for (const { value } of evaluations) assert.ok(value >= 0 && value <= 100, String(value));
        const trains = read('weights.safetensors').includes('quantizer.weights.conv1.factor');
        assert.equal(trains, name === 'ssql-plugin-apot');
        const switches = read('weights.safetensors').includes('batchNorms.random.bn1.running_mean');
        assert.equal(switches, name === 'ssql-plugin-switchable-sandwich');
      });
    });
  }
});

/** The lines that are in one text and not in the other. */
function changes(before: string, after: string): { readonly added: readonly string[]; readonly removed: number } {
  const [old, now] = [before.split('\n'), after.split('\n')];
  return {
    added: now.filter((line) => !old.includes(line)),
    removed: old.filter((line) => !now.includes(line)).length,
  };
}
