import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMALL, ssql, writePipeline } from './small-run.js';

interface Explanation {
  readonly run: { readonly number: number; readonly of: number; readonly label: string };
  readonly slots: readonly {
    readonly slot: string;
    readonly kind: string;
    readonly plugin: string;
    readonly package: string;
    readonly version: string;
    readonly origin: { readonly from: string; readonly location?: { readonly file: string; readonly line: number } };
    readonly needs: readonly { readonly kind: string; readonly slot: string }[];
  }[];
  readonly services: readonly { readonly scope: string; readonly service: string; readonly needs: readonly string[] }[];
}

/** A quantizer that needs the observer of its operand, and the backbone. */
const MINE = `export const plugins = [{
  kind: 'quantizer', name: 'mine', summary: 'My own.', needs: ['observer', 'backbone'],
  options: { type: 'object', additionalProperties: false, properties: {} },
  create: () => { throw new Error('explain makes nothing'); },
}];`;

describe('ssql explain', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssql-explain-'));
    writeFileSync(join(folder, 'mine.mjs'), MINE);
  });
  after(() => rmSync(folder, { recursive: true }));

  const explain = async (...args: string[]): Promise<Explanation> => {
    // An engine that would not open: none is asked for.
    const { status, stdout, stderr } = await ssql(folder, ['explain', ...args, '--json'], undefined, {
      LIBTENSORFLOW_DIR: folder,
    });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout) as Explanation;
  };

  it('shows the plugin, package and origin of each slot', async () => {
    writePipeline(folder, { ...SMALL, matrix: { 'quantization.wrap': ['none', 'ssql'] } }, 'base.yaml');
    const activations = { quantizer: 'mine' };
    const file = writePipeline(folder, {
      extends: './base.yaml',
      plugins: ['./mine.mjs'],
      quantization: { activations },
    });
    const { slots, run } = await explain(file, '--set', 'method.use=simsiam');
    assert.deepEqual(run, { number: 1, of: 2, label: 'SimSiam' });
    const slot = (name: string) => {
      const found = slots.find((one) => one.slot === name);
      assert.ok(found, name);
      return { ...found, from: found.origin.from, file: found.origin.location?.file.split('/').at(-1) };
    };
    assert.deepEqual(
      ['backbone', 'quantization.activations.quantizer', 'quantization.wrap', 'method', 'schedule'].map((name) => {
        const { plugin, from, file: where } = slot(name);
        return [plugin, from, where];
      }),
      [
        ['resnet18', 'file', 'base.yaml'],
        ['mine', 'file', 'pipeline.yaml'],
        ['none', 'matrix', 'base.yaml'],
        ['simsiam', 'command line', '--set'],
        ['cosine', 'default', undefined],
      ],
    );
    assert.match(slot('quantization.activations.quantizer').package, /mine\.mjs$/);
    assert.match(slot('quantization.activations.quantizer').version, /^sha256:/);
    assert.equal(slot('augment.1').plugin, 'random-erasing');
    assert.equal(slot('data').package, '@ssql/plugins');
    assert.deepEqual(slot('quantization.activations.quantizer').needs, [
      { kind: 'observer', slot: 'quantization.activations.observer' },
      { kind: 'backbone', slot: 'backbone' },
    ]);
  });

  it('shows what each plugin needs', async () => {
    const quantization = { weights: { quantizer: 'mine' } };
    const file = writePipeline(folder, { ...SMALL, plugins: ['./mine.mjs'], quantization });
    const { services, slots } = await explain(file);
    const held = new Map(services.map((entry) => [entry.service, entry]));
    const context = ['tf', 'operations', 'folder', 'seed'];
    for (const name of context) assert.deepEqual(held.get(name)?.needs, []);
    assert.deepEqual(held.get('quantization.weights.quantizer')?.needs, [
      ...context,
      'quantization.weights.observer',
      'backbone',
    ]);
    for (const { slot } of slots) assert.equal(held.get(slot)?.scope, 'run');
    // What a scope holds is named, and each service needs what is held there or in a scope around it.
    for (const { service, needs } of services)
      for (const need of needs) assert.ok(held.has(need), `${service}: ${need}`);
    const scopes = [...new Set(services.map(({ scope }) => scope))];
    assert.deepEqual(scopes, ['process', 'run', 'session']);
    const shared = services.filter(({ scope }) => scope === 'process').map(({ service }) => service.split(' ')[0]);
    assert.deepEqual(shared, ['tf', 'folder', 'engine', 'dataset']);
    for (const name of ['views', 'model', 'identity']) assert.equal(held.get(name)?.scope, 'run');
    for (const name of ['features', 'logs']) assert.equal(held.get(name)?.scope, 'session');
  });

  it('explains the selected run, by label or number, and names it', async () => {
    const file = writePipeline(folder, { ...SMALL, matrix: { 'quantization.wrap': ['none', 'ssql'], seed: [1, 2] } });
    assert.deepEqual((await explain(file, '--run', 'SSQL-SimSiam seed 1')).run, {
      number: 3,
      of: 4,
      label: 'SSQL-SimSiam seed 1',
    });
    assert.deepEqual((await explain(file, '--run', '4')).run, { number: 4, of: 4, label: 'SSQL-SimSiam seed 2' });
    const { stdout } = await ssql(folder, ['explain', file]);
    assert.match(stdout, /^small, run 1 of 4: SimSiam seed 1 \(`--run` selects another run\)\n/);
    for (const wanted of ['5', '0', 'SSQL-SimSiam sead 1']) {
      const { status, stderr } = await ssql(folder, ['explain', file, '--run', wanted]);
      assert.equal(status, 2);
      assert.match(stderr, /^CELL_UNKNOWN /);
    }
  });

  it('fits a terminal', async () => {
    writePipeline(folder, SMALL);
    const { stdout } = await ssql(folder, ['explain', 'pipeline.yaml', '--set', 'schedule=constant']);
    assert.match(stdout, /^schedule +constant\n {4}schedule of @ssql\/plugins [\d.]+\n {4}--set schedule=constant\n/m);
    assert.ok(stdout.includes('Services of the container'));
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
  });
});
