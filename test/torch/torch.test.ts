import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEngine, type Engine } from '@ssql/core';
import { encodeSafetensors, findLibrary, fromTorch } from '@ssql/core/run';
import { readInitialWeights } from '../../packages/core/src/train/initial-weights.js';
import { assertGolden, type Golden } from '../golden/golden.js';
import { comparedNetwork, featuresOf, NETWORK_NAMES, recipeTensors, type TorchTensors } from './networks.js';

interface Reference {
  readonly features: { readonly [network: string]: Golden };
}

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const PYTHON = process.env['PEER_PYTHON'];

/** Of the largest feature. */
const TOLERANCE = 1e-5;

describe('backbones against torchvision and timm', () => {
  let engine: Engine;
  before(async () => {
    engine = await openEngine({ use: findLibrary() === undefined ? 'wasm' : 'tensorflow' });
  });
  after(() => engine.close());

  describe('with weights of a recipe', function () {
    this.timeout(120_000);
    const { features } = JSON.parse(readFileSync(join(FOLDER, 'reference.json'), 'utf8')) as Reference;
    for (const name of NETWORK_NAMES)
      it(name, async () => {
        const compared = await comparedNetwork(name);
        const found = featuresOf(engine, compared, ours(recipeTensors(compared)));
        assertGolden(found, features[name]!, TOLERANCE, `features of ${name}`);
      });
  });

  describe('through files, with the Python of PEER_PYTHON', function () {
    this.timeout(600_000);
    let folder: string;
    before(function () {
      if (PYTHON === undefined) return this.skip();
      folder = mkdtempSync(join(tmpdir(), 'ssql-torch-'));
      return undefined;
    });
    after(() => folder !== undefined && rmSync(folder, { recursive: true }));

    const reference = (option: '--load' | '--save'): Reference => {
      const output = execFileSync(PYTHON!, [join(FOLDER, 'reference.py'), option, folder, ...NETWORK_NAMES], {
        encoding: 'utf8',
      });
      return JSON.parse(output) as Reference;
    };

    it('PyTorch computes the same with weights that we wrote', async () => {
      const found = new Map();
      for (const name of NETWORK_NAMES) {
        const compared = await comparedNetwork(name);
        const tensors = recipeTensors(compared);
        found.set(name, featuresOf(engine, compared, ours(tensors)));
        writeFileSync(join(folder, `${name}.safetensors`), encode(tensors));
      }
      const { features } = reference('--load');
      for (const [name, values] of found) assertGolden(values, features[name]!, TOLERANCE, `features of ${name}`);
    });
    it('we compute the same as PyTorch with weights that it wrote', async () => {
      const { features } = reference('--save');
      for (const name of NETWORK_NAMES) {
        const compared = await comparedNetwork(name);
        const { parameters, statistics } = compared.description;
        const model = { parameters, statistics, backboneDescription: compared.description };
        const settings = { weights: `${name}.safetensors`, prefix: '', ignore: [] };
        const values = await readInitialWeights(settings, model, folder, undefined);
        const found = featuresOf(engine, compared, (tensor) => values.get(tensor)!);
        assertGolden(found, features[name]!, TOLERANCE, `features of ${name}`);
      }
    });
  });
});

function encode(tensors: TorchTensors): Uint8Array {
  return encodeSafetensors([...tensors].map(([name, { shape, values }]) => ({ name, shape, values, dtype: 'F32' })));
}

function ours(tensors: TorchTensors): (name: string) => Float32Array {
  return (name) => {
    const { values, shape } = tensors.get(name)!; // made for all that the network has
    return fromTorch(values, shape).values;
  };
}
