import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { stringify } from 'yaml';
import {
  definePlugin,
  fromTorch,
  parsePrecision,
  toTorch,
  writeAtomic,
  type AnyPlugin,
  type RunStage,
  type RunStageContext,
  type TrainedEncoder,
} from '@ssql/core';
import { createRegistry, loadPipeline, runPipeline } from '@ssql/core/run';
import * as builtIn from '@ssql/plugins';
import { SMALL } from '../cli/small-run.js';
import { runOptions } from './cpu-pipeline.js';

const none = { type: 'object', additionalProperties: false, properties: {} } as const;
/** How many test images the stages look at. */
const IMAGES = 100;
const PRECISION = parsePrecision('w4a4')!;

/** A layer of an exported file: codes of 8 bits in PyTorch's layout, and a scale and a zero point for each output channel. */
interface ExportedLayer {
  readonly bits: number;
  readonly shape: number[];
  readonly codes: string;
  readonly scales: number[];
  readonly zeroPoints: number[];
}

interface Exported {
  readonly layers: { readonly [layer: string]: ExportedLayer };
  /** Of the outputs, by site. */
  readonly ranges: { readonly [site: string]: { readonly min: readonly number[]; readonly max: readonly number[] } };
}

/** Writes the codes, scales and zero points of all weights, and the ranges of all outputs. */
const exporter = definePlugin({
  kind: 'stage',
  name: 'exporter',
  summary: 'Writes integer weights.',
  options: none,
  create: (_, { tf }): RunStage => ({
    scope: 'run',
    async run(context) {
      const encoder = await context.encoder();
      const { weightSites, outputSites } = encoder.description;
      const layers: { [layer: string]: ExportedLayer } = {};
      for (const layer of weightSites) layers[layer] = exportLayer(encoder, layer);
      const ranges = outputSites.flatMap((site) => {
        const found = tf.tidy(() => {
          const output = encoder.site('activations', site, PRECISION);
          return output && { min: [...output.range.min.dataSync()], max: [...output.range.max.dataSync()] };
        });
        return found === undefined ? [] : [[site, found] as const];
      });
      const exported: Exported = { layers, ranges: Object.fromEntries(ranges) };
      await writeAtomic(context.file('exported.json'), JSON.stringify(exported));

      function exportLayer({ site, tensors }: TrainedEncoder, layer: string): ExportedLayer {
        const weight = tensors[`${layer}.weight`]!;
        return tf.tidy(() => {
          const { quantizer, bits, range, trained } = site('weights', layer, PRECISION)!;
          const { codes, scale, zeroPoint } = quantizer.codes!(weight, range, tf.scalar(bits), trained);
          const { shape, values } = toTorch(codes.dataSync<'float32'>(), weight.shape);
          return {
            bits,
            shape: [...shape],
            codes: Buffer.from(Int8Array.from(values).buffer).toString('base64'),
            scales: [...scale.dataSync()],
            zeroPoints: [...zeroPoint.dataSync()],
          };
        });
      }
    },
  }),
});

/** Trains copies of the encoder's tensors for some steps, to enlarge a feature, with quantized weights. */
const enlarge = definePlugin({
  kind: 'stage',
  name: 'enlarge',
  summary: 'Trains the encoder.',
  options: none,
  create: (_, { tf }): RunStage => ({
    scope: 'run',
    async run(context) {
      const encoder = await context.encoder();
      const before = encoder.tensors['conv1.weight']!.dataSync().slice();
      const images = await testImages(context, encoder);
      const names = encoder.description.parameters.map(({ name }) => name);
      const values: number[] = [];
      let tensors = Object.fromEntries(names.map((name) => [name, tf.clone(encoder.tensors[name]!)]));
      for (let step = 0; step < 3; step++) {
        const next = tf.tidy(() => {
          const loss = (...parameters: Tensor[]): Tensor =>
            tf.neg(
              tf.mean(
                encoder.features(
                  images,
                  PRECISION,
                  Object.fromEntries(parameters.map((parameter, index) => [names[index]!, parameter])),
                ),
              ),
            );
          const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => tensors[name]!));
          values.push(-value.dataSync()[0]!);
          return Object.fromEntries(
            names.map((name, index) => [name, tf.sub(tensors[name]!, tf.mul(grads[index]!, 0.1))]),
          );
        });
        tf.dispose(tensors);
        tensors = next;
      }
      tf.dispose([tensors, images]);
      assert.deepEqual(encoder.tensors['conv1.weight']!.dataSync(), before, "the run's tensors stay as they are");
      await context.record(
        values.map((value, step) => ({
          ...({ stage: 'enlarge', precision: 'w4a4', classifier: 'matched' } as const),
          metric: `step ${step}`,
          value,
        })),
      );
    },
  }),
});

/** Evaluates with the weights of the exported file, and compares with the features of evaluation. */
const readBack = definePlugin({
  kind: 'stage',
  name: 'read-back',
  summary: 'Compares.',
  options: none,
  create: (_, { tf }): RunStage => ({
    scope: 'run',
    async run(context) {
      const [features] = await context.features([PRECISION]);
      const encoder = await context.encoder();
      const { layers } = JSON.parse(readFileSync(context.file('exported.json'), 'utf8')) as Exported;
      const images = await testImages(context, encoder);
      const difference = tf.tidy(() => {
        const weights = Object.entries(layers).map(([layer, { shape, codes, scales, zeroPoints }]) => {
          const bytes = Buffer.from(codes, 'base64');
          const values = Float32Array.from(new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length));
          const laid = fromTorch(values, shape);
          const steps = tf.sub(tf.tensor(laid.values, [...laid.shape]), tf.tensor1d(zeroPoints));
          return [`${layer}.weight`, tf.mul(steps, tf.tensor1d(scales))];
        });
        const made = encoder.features(images, { ...PRECISION, weights: 'float' }, Object.fromEntries(weights));
        const { values, dimension } = features!.test;
        const expected = tf.tensor2d(values.subarray(0, IMAGES * dimension), [IMAGES, dimension]);
        return [tf.max(tf.abs(tf.sub(made, expected))), tf.max(tf.abs(expected))].map((x) => x.dataSync()[0]!);
      });
      images.dispose();
      RESULTS.push({ difference: difference[0]!, largest: difference[1]!, layers });
    },
  }),
});

const RESULTS: { difference: number; largest: number; layers: Exported['layers'] }[] = [];

async function testImages({ dataset, engine: { tf } }: RunStageContext, encoder: TrainedEncoder): Promise<Tensor4D> {
  const { test, shape } = dataset;
  const bytes = await test.read(Uint32Array.from({ length: IMAGES }, (_, index) => index));
  const images = tf.tidy(() => tf.cast(tf.tensor4d(bytes, [IMAGES, ...shape], 'int32'), 'float32'));
  try {
    return encoder.prepare(images);
  } finally {
    images.dispose();
  }
}

describe('stages that use the encoder', function () {
  this.timeout(120_000);
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'ssql-encoder-'))));
  after(() => rmSync(folder, { recursive: true }));

  const run = async (stages: readonly string[], change: object = {}) => {
    const file = join(folder, 'pipeline.yaml');
    const data = { use: 'digits', with: { test: 9800 } };
    const train = { epochs: 1, batch: 50 };
    writeFileSync(file, stringify({ ...SMALL, data, train, loggers: [], stages, ...change }));
    const { plugins, base, companions } = builtIn;
    const own: readonly AnyPlugin[] = [exporter, readBack, enlarge];
    const registry = createRegistry([
      { name: '@ssql/plugins', version: '0', plugins, base, companions },
      { name: 'stages', version: '0', plugins: own },
    ]);
    const loaded = await loadPipeline(file, { plugins: registry });
    return (await runPipeline(loaded, { ...runOptions(folder), fresh: true })).runs[0]!;
  };

  it('export integer weights that give the features of evaluation, with the widths of pins', async () => {
    const { folder: path } = await run(['exporter', 'read-back']);
    const { layers, ranges } = JSON.parse(readFileSync(join(path, 'exported.json'), 'utf8')) as Exported;
    assert.equal(layers['conv1']!.bits, 8);
    assert.equal(layers['layer1.0.conv1']!.bits, 4);
    assert.deepEqual(layers['conv1']!.shape, [4, 1, 3, 3]);
    assert.ok(Object.keys(ranges).length > 3);
    const [{ difference, largest }] = RESULTS as [(typeof RESULTS)[number]];
    assert.ok(difference <= 1e-5 * largest, `${difference} of ${largest}`);
  });

  it('train copies of its tensors through quantized weights', async () => {
    const { evaluations } = await run(['enlarge']);
    const values = evaluations.map(({ value }) => value);
    assert.equal(values.length, 3);
    assert.ok(values[1]! > values[0]! && values[2]! > values[1]!, values.join());
  });
});
