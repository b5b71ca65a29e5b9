import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SsqlError } from '@ssql/core';
import { encodeSafetensors, toTorch } from '@ssql/core/run';
import { describe as describeNetwork } from '../../packages/core/src/nn/describe.js';
import { hashInitialWeights, readInitialWeights } from '../../packages/core/src/train/initial-weights.js';
import { resnet18 } from '../../packages/plugins/src/backbone/resnet18.js';
import { make } from '../plugins/make-plugin.js';

const PLACE = { file: 'pipeline.yaml', line: 3, column: 1, frame: '' };

type Tensors = { [name: string]: { readonly shape: readonly number[]; readonly values: Float32Array } };

describe('initial weights', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'ssql-initial-'))));
  after(() => rmSync(folder, { recursive: true }));

  const backbone = async () => {
    const network = await make<'backbone'>(resnet18, { width: 2, blocks: [1] });
    const description = describeNetwork(network, [2, 16, 16, 3]);
    const all = [...description.parameters, ...description.statistics];
    const values = (size: number, from: number) => Float32Array.from({ length: size }, (_, i) => from + i / 8);
    const tensors: Tensors = Object.fromEntries(
      all.map(({ name, shape }, index) => {
        return [
          name,
          toTorch(
            values(
              shape.reduce((a, b) => a * b, 1),
              index,
            ),
            shape,
          ),
        ];
      }),
    );
    return { model: { ...description, backboneDescription: description }, tensors };
  };
  const read = async (tensors: Tensors, options: { readonly prefix?: string; readonly ignore?: string[] } = {}) => {
    const { model } = await backbone();
    const stored = Object.entries(tensors).map(([name, tensor]) => ({ name, ...tensor, dtype: 'F32' as const }));
    writeFileSync(join(folder, 'weights.safetensors'), encodeSafetensors(stored));
    const settings = { weights: 'weights.safetensors', prefix: '', ignore: [], ...options };
    return readInitialWeights(settings, model, folder, PLACE);
  };
  const refused = async (tensors: Tensors, options: Parameters<typeof read>[1] = {}): Promise<SsqlError> => {
    const error = await read(tensors, options).then(
      () => assert.fail('they were taken'),
      (reason: unknown) => reason as SsqlError,
    );
    assert.equal(error.code, 'INITIAL_MISMATCH');
    assert.equal(error.details.location, PLACE);
    return error;
  };
  const prefixed = (prefix: string, tensors: Tensors): Tensors =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));
  const extra = { shape: [1], values: new Float32Array(1) };

  it('have our layout and no counters of PyTorch', async () => {
    const { model, tensors } = await backbone();
    const values = await read({ ...tensors, 'bn1.num_batches_tracked': extra });
    assert.deepEqual(
      [...values.keys()].sort(),
      [...model.parameters, ...model.statistics].map(({ name }) => name).sort(),
    );
    const index = model.parameters.findIndex(({ name }) => name === 'layer1.0.conv1.weight');
    const expected = Float32Array.from({ length: 36 }, (_, i) => index + i / 8);
    assert.deepEqual(values.get('layer1.0.conv1.weight'), expected);
  });

  it('have a fingerprint of the file', async () => {
    const { tensors } = await backbone();
    const fingerprint = async (written: Tensors): Promise<string> => {
      await read(written);
      return hashInitialWeights({ weights: 'weights.safetensors' }, folder, PLACE);
    };
    const before = await fingerprint(tensors);
    const changed = { ...tensors, 'bn1.bias': { shape: [2], values: Float32Array.of(5, 6) } };
    assert.notEqual(await fingerprint(changed), before);
    assert.equal(await fingerprint(tensors), before);
  });

  it('are read with a prefix; other tensors are ignored', async () => {
    const { tensors } = await backbone();
    const file = { ...prefixed('module.encoder_q.', tensors), 'module.encoder_k.conv1.weight': extra, queue: extra };
    assert.equal((await read(file, { prefix: 'module.encoder_q.' })).size, Object.keys(tensors).length);
  });

  it('omit only the ignored tensors', async () => {
    const { tensors } = await backbone();
    const file = { ...tensors, 'fc.weight': extra, 'fc.bias': extra };
    assert.equal((await read(file, { ignore: ['fc.*'] })).size, Object.keys(tensors).length);
    const { message, details } = await refused(file);
    assert.match(message, /do not match the network: unknown fc\.weight, fc\.bias\.$/);
    assert.equal(details.hint, "To ignore tensors, set `ignore: ['fc.*']`.");
  });

  it('must include the whole backbone', async () => {
    const { tensors } = await backbone();
    const { ['bn1.bias']: _, ...file } = tensors;
    const { message, details } = await refused(file);
    assert.match(message, /do not match the network: missing bn1\.bias\.$/);
    assert.equal(details.hint, undefined);
  });

  it("must have the network's shapes, reported in PyTorch's layout", async () => {
    const { tensors } = await backbone();
    const file = { ...tensors, 'conv1.weight': { shape: [4, 3, 7, 7], values: new Float32Array(4 * 3 * 49) } };
    assert.match(
      (await refused(file)).message,
      /conv1\.weight is \[4,3,7,7\] in the file and \[2,3,7,7\] in the network/,
    );
  });

  it('must be finite', async () => {
    const { tensors } = await backbone();
    for (const value of [NaN, Infinity]) {
      const { shape, values } = tensors['bn1.bias']!;
      const broken = { ...tensors, 'bn1.bias': { shape, values: values.map(() => value) } };
      assert.match((await refused(broken)).message, /values that are not finite in bn1\.bias/);
    }
  });

  it('suggest the right prefix', async () => {
    const { tensors } = await backbone();
    const there = await refused(prefixed('encoder_q.', tensors));
    assert.equal(there.details.hint, 'Set `prefix: encoder_q.`.');
    assert.match(there.message, /missing conv1\.weight, .* and \d+ more; unknown encoder_q\.conv1/);
    assert.equal((await refused(tensors, { prefix: 'encoder.' })).details.hint, 'Remove `prefix`.');
  });

  it('are refused if the file is missing or has another format', async () => {
    const { model } = await backbone();
    const settings = { weights: 'no-such.safetensors', prefix: '', ignore: [] };
    await assert.rejects(readInitialWeights(settings, model, folder, PLACE), { code: 'INITIAL_FILE_MISSING' });
    writeFileSync(join(folder, 'model.pth'), 'PK\u0003\u0004 and so on, as PyTorch pickles');
    await assert.rejects(readInitialWeights({ ...settings, weights: 'model.pth' }, model, folder, PLACE), {
      code: 'CHECKPOINT_CORRUPT',
      message: /model\.pth: Not a valid safetensors file/,
    });
  });
});
