/** Trains two small encoders, embeds test images at float and at few bits, and plots the embeddings. Usage: node train-embed-plot.mjs [epochs] */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as vega from 'vega';
import { compile } from 'vega-lite';
import { runPipeline } from '@ssql/core/run';
import { principalComponents } from './principal-components.mjs';

// 1. Train. A pipeline is a file or, as here, an object.
const running = runPipeline({
  name: 'embedded',
  plugins: [fileURLToPath(new URL('embed.mjs', import.meta.url))],
  data: 'digits',
  augment: ['random-warp', { use: 'normalize', with: { mean: [0.1307], std: [0.3081] } }],
  backbone: { use: 'resnet18', with: { stem: 'cifar', stemStride: 4, width: 4, blocks: [1, 1] } },
  method: { use: 'simsiam', with: { dim: 16, predictorHidden: 16 } },
  optimizer: { use: 'sgd', with: { lr: 0.1 } },
  train: { epochs: Number(process.argv[2] ?? 5), batch: 64 },
  stages: [{ use: 'embed', with: { precisions: ['float', 'w2a4'] } }],
  matrix: { 'quantization.wrap': ['none', 'ssql'] },
});
for await (const event of running)
  if (event.type === 'finished') console.log(`${event.run.label}: loss ${event.record.metrics.at(-1).loss.toFixed(3)}`);
const { folder, runs } = await running;

// 2. Embed: the stage wrote the features of each run; two principal components are drawn.
const points = [];
for (const run of runs)
  for (const { precision, features, labels } of JSON.parse(await readFile(join(run.folder, 'embedding.json'), 'utf8')))
    principalComponents(features).forEach(([x, y], image) =>
      points.push({ run: run.label, precision, digit: labels[image], x, y }),
    );

// 3. Plot.
const axis = { type: 'quantitative', axis: null };
const { spec } = compile({
  data: { values: points },
  facet: { row: { field: 'run', title: null }, column: { field: 'precision', title: null } },
  spec: {
    mark: { type: 'point', filled: true, size: 12 },
    encoding: { x: { field: 'x', ...axis }, y: { field: 'y', ...axis }, color: { field: 'digit', type: 'nominal' } },
  },
  resolve: { scale: { x: 'independent', y: 'independent' } },
});
const file = join(folder, 'embeddings.svg');
await writeFile(file, await new vega.View(vega.parse(spec), { renderer: 'none' }).toSVG());
console.log(`Embeddings of ${points.length} points: ${file}`);
