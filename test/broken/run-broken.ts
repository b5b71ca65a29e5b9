import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PipelineErrors, SsqlError } from '../../packages/core/src/errors.js';
import type { Tf } from '../../packages/core/src/engine/engine.js';
import type { Kind, PluginKinds } from '../../packages/core/src/kinds/kinds.js';
import { findLibrary } from '../../packages/core/src/engine/provision/locate.js';
import { loadPipeline } from '../../packages/core/src/pipeline/load.js';
import type { AnyPlugin } from '../../packages/core/src/plugin/contract.js';
import { createRegistry } from '../../packages/core/src/plugin/registry.js';
import { runPipeline } from '../../packages/core/src/run/run-pipeline.js';
import { base } from '../../packages/plugins/src/base.js';
import { runOptions } from '../run/cpu-pipeline.js';
import { VALID } from './valid-plugins.js';

/** A plugin that is wrong in one way. */
export interface BrokenPlugin<K extends Kind = Kind> {
  readonly title: string;
  readonly kind: K;
  /** What it makes instead of the valid product. */
  readonly make: (valid: PluginKinds[K], tf: Tf) => unknown;
  /** The message after the plugin's name. */
  readonly says: RegExp;
  /** Default: PLUGIN_BROKEN. */
  readonly code?: string;
  /** Which place of the kind, if there are several; default: the first. */
  readonly place?: number;
  /** Default: plain JavaScript. */
  readonly engine?: 'tensorflow';
}

/** A broken plugin whose kind types its product. */
export function broken<K extends Kind>(plugin: BrokenPlugin<K>): BrokenPlugin {
  return plugin as unknown as BrokenPlugin; // `make` gets products of the plugin's kind
}

const PIPELINE = `name: broken
seed: 1
engine: { use: cpu }
data: valid-data
augment:
  - valid-augmentation
backbone: valid-backbone
method: valid-method
quantization:
  wrap: valid-wrapper
  sampler: valid-sampler
  weights:
    bits: [4]
    quantizer: valid-quantizer
    observer: valid-observer
  activations:
    bits: [4]
    quantizer: valid-quantizer
    observer: valid-observer
optimizer: valid-optimizer
schedule: valid-schedule
train: { epochs: 1, batch: 4 }
evaluation:
  calibration: { samples: 4, batch: 4 }
  assigner: valid-assigner
stages:
  - valid-stage
loggers:
  - valid-logger
`;

/** Runs the small pipeline with a broken plugin. @returns the first error, or `undefined` if it succeeds */
export async function errorOf(plugin?: BrokenPlugin): Promise<{ readonly error: unknown; readonly line: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'ssql-broken-'));
  try {
    let count = -1;
    const text = PIPELINE.replaceAll(`valid-${plugin?.kind}`, (valid) =>
      ++count === (plugin?.place ?? 0) ? `broken-${plugin?.kind}` : valid,
    ).replace('use: cpu', `use: ${plugin?.engine ?? 'cpu'}`);
    const file = join(folder, 'pipeline.yaml');
    writeFileSync(file, text);
    const kinds = Object.keys(VALID) as Kind[];
    const validPackage = { name: 'valid', base, plugins: kinds.map((kind) => pluginOf(kind, 'valid')) };
    const brokenPackage = { name: 'a-package', plugins: plugin ? [pluginOf(plugin.kind, 'broken', plugin.make)] : [] };
    const registry = createRegistry([validPackage, brokenPackage]);
    const line = text.split('\n').findIndex((each) => each.includes('broken-')) + 1;
    try {
      await runPipeline(await loadPipeline(file, { plugins: registry }), runOptions(folder));
      return { error: undefined, line };
    } catch (error) {
      return { error: error instanceof PipelineErrors ? error.errors[0] : error, line };
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function pluginOf(kind: Kind, prefix: string, change: BrokenPlugin['make'] = (valid) => valid): AnyPlugin {
  return {
    kind,
    name: `${prefix}-${kind}`,
    summary: 'For tests.',
    options: { type: 'object', additionalProperties: false, properties: {} },
    create: (_: unknown, { tf }: { readonly tf: Tf }) => change(VALID[kind](tf), tf),
  } as AnyPlugin;
}

/** Tests that a broken plugin gives an error with its name, its package and its place. */
export function testBroken(plugin: BrokenPlugin): void {
  it(`${plugin.kind}: ${plugin.title}`, async function () {
    if (plugin.engine === 'tensorflow' && findLibrary() === undefined) this.skip();
    const { error, line } = await errorOf(plugin);
    assert.ok(error instanceof SsqlError, error instanceof Error ? error.stack : 'the run succeeds');
    assert.equal(error.code, plugin.code ?? 'PLUGIN_BROKEN', error.message);
    const start = `a-package: the ${plugin.kind} \`broken-${plugin.kind}\` `;
    assert.ok(error.message.startsWith(start), error.message);
    assert.match(error.message.slice(start.length), plugin.says);
    assert.equal(error.details.location?.line, line);
  });
}
