import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plugins } from '@ssql/plugins';
import { isListed, KINDS, neededPlace, PLACES } from '../../packages/core/src/kinds/kinds.js';
import { PIPELINE, pipelineSchema, type JsonSchema } from '../../packages/core/src/pipeline/pipeline-schema.js';
import { PLAIN_REFERENCE } from '../../packages/core/src/pipeline/pipeline-schema.js';
import { createValidator } from '../../packages/core/src/pipeline/validate.js';
import { createRegistry } from '../../packages/core/src/plugin/registry.js';
import { base, companions } from '../../packages/plugins/src/base.js';

const registry = createRegistry([{ name: '@ssql/plugins', plugins, base, companions }]);
const valueAt = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((holder, key) => (holder as Record<string, unknown> | undefined)?.[key], value);

describe('the table of kinds', () => {
  it('has each place of the pipeline schema, and no other', () => {
    const marked: string[] = [];
    const visit = (schema: unknown): void => {
      if (typeof schema !== 'object' || schema === null) return;
      if ('plugin' in schema) marked.push(schema.plugin as string);
      else if ('properties' in schema) Object.values(schema.properties as object).forEach(visit);
      else if ('items' in schema) visit(schema.items);
      else if ('additionalProperties' in schema) visit(schema.additionalProperties);
    };
    visit(PIPELINE);
    assert.deepEqual(marked.sort(), PLACES.map(({ path }) => path).sort());
  });

  it('has the kinds of all built-in plugins, and one plugin of each at least', () => {
    const kinds = KINDS.map(({ kind }) => kind);
    assert.deepEqual(
      kinds.filter((kind) => !plugins.some((plugin) => plugin.kind === kind)),
      [],
    );
    assert.deepEqual(
      plugins.filter(({ kind }) => !(kinds as readonly string[]).includes(kind)),
      [],
    );
  });

  it('has a plugin in the base pipeline for each place that says so, and for no other', () => {
    for (const { path, kind, otherwise } of PLACES) {
      const value = valueAt(base, path.replace(/\.\*$/, ''));
      assert.equal(value !== undefined, otherwise === 'base', path);
      const references = (isListed(path) ? value : [value]) as { readonly use: string }[];
      if (otherwise === 'base') for (const { use } of references) assert.ok(registry.get(kind, use), `${path}: ${use}`);
    }
    const validator = createValidator();
    const required = { name: 'a', data: 'digits', backbone: 'resnet18', method: 'simsiam', optimizer: 'sgd' };
    const reference = (use: string): object => ({ use, with: use === 'sgd' ? { lr: 1 } : {} });
    const document = Object.fromEntries(
      Object.entries(required).map(([key, use]) => [key, key === 'name' ? use : reference(use)]),
    );
    const whole = { ...structuredClone(base), ...document, train: { epochs: 1, batch: 2 } };
    assert.deepEqual(validator.validate(whole, registry), []);
    for (const [kind, { use }] of Object.entries(companions)) assert.ok(registry.get(kind as 'method', use), use);
  });

  it('gives a plugin the observer of its own operand', () => {
    const path = ['quantization', 'activations', 'quantizer'];
    assert.deepEqual(neededPlace('observer', path), ['quantization', 'activations', 'observer']);
    assert.deepEqual(neededPlace('observer', ['method']), ['quantization', 'weights', 'observer']);
    assert.deepEqual(neededPlace('data', path), ['data']);

    const named = ['evaluation', 'calibrations', 'mse', 'activations', 'quantizer'];
    const near = (written: readonly string[]) =>
      neededPlace('observer', named, (place) => written.includes(place.join('.')))?.join('.');
    const shared = ['evaluation.calibration.weights.observer', 'evaluation.calibration.activations.observer'];
    assert.equal(near([]), 'quantization.activations.observer');
    assert.equal(near(shared), 'evaluation.calibration.activations.observer');
    const all = [...shared, 'evaluation.calibrations.mse.activations.observer'];
    assert.equal(near(all), 'evaluation.calibrations.mse.activations.observer');
    assert.equal(neededPlace('stage', path), undefined);
  });

  it('makes a schema with the defaults of the base pipeline', () => {
    const schema = pipelineSchema(() => PLAIN_REFERENCE, { schedule: { use: 'a', with: {} }, loggers: [{ use: 'b' }] });
    const { schedule, loggers, stages } = schema['properties'] as { readonly [key: string]: JsonSchema };
    assert.deepEqual([schedule?.['default'], loggers?.['default']], [{ use: 'a', with: {} }, [{ use: 'b' }]]);
    assert.deepEqual(stages?.['default'], []);
  });
});

/** Names of plugins that are words of their own in core: a key, a folder, the program, an HTML value. */
const WORDS = new Set([
  'none',
  'report',
  'ssql',
  'uniform',
  'constant',
  'digits',
  'binary',
  'normalize',
  'resize',
  'minmax',
  'csv',
]);

describe('core', () => {
  it('names no plugin', () => {
    const folder = 'packages/core/src';
    const names = plugins.map(({ name }) => name);
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const text = readFileSync(join(folder, file), 'utf8');
      for (const name of names) {
        const quoted = new RegExp(`['"\`]${name}['"\`]`);
        const anywhere = new RegExp(`(?<![\\w-])${name}(?![\\w-])`);
        const allowed = WORDS.has(name)
          ? !new RegExp(`use: ['"\`]?${name}\\b`).test(text)
          : !anywhere.test(text) && !quoted.test(text);
        assert.ok(allowed, `${file} names the plugin ${name}`);
      }
    }
  });
});
