/** Times layers alone in our engine. Its argument is a LayerJob; prints the least seconds of each layer, by direction. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openEngine, type CompiledStep, type Engine, type Tensors } from '@ssql/core';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Direction } from '../arithmetic.js';
import type { Layer } from '../layers.js';
import type { LayerJob } from '../peak.js';

const { layers, batch, threads, precision, rounds } = JSON.parse(process.argv[2] ?? '') as LayerJob;
const engine = await openEngine({
  use: 'tensorflow',
  threads: { intraOp: threads, interOp: threads },
});
const { tf } = engine;
const results: Record<Direction, number>[] = [];
for (const layer of layers) results.push(await timeLayer(layer));
console.log(JSON.stringify(results));
engine.close();

async function timeLayer(layer: Layer): Promise<Record<Direction, number>> {
  const [x, w] = operandsOf(layer);
  const output = (a: Tensor, b: Tensor): Tensor => forward(engine, layer, a, b);
  const dy = tf.randomNormal(tf.tidy(() => output(x, w).shape));
  const seconds = {
    forward: await time((inputs) => output(inputs['x']!, inputs['w']!), { x, w }),
    inputGradient: await time(({ w, dy, x }) => tf.grad((a) => output(a, w!))(x!, dy), { x, w, dy }),
    weightGradient: await time(({ w, dy, x }) => tf.grad((b) => output(x!, b))(w!, dy), { x, w, dy }),
  };
  tf.dispose([x, w, dy]);
  return seconds;
}

function operandsOf(layer: Layer): [Tensor, Tensor] {
  if (layer.kind === 'linear')
    return [tf.randomNormal([batch, layer.width]), tf.randomNormal([layer.width, layer.units])];
  const { input, kernel, filters } = layer;
  return [tf.randomNormal([batch, ...input]), tf.randomNormal([kernel, kernel, input[2], filters])];
}

function forward({ tf, ops }: Engine, layer: Layer, x: Tensor, w: Tensor): Tensor {
  return layer.kind === 'linear'
    ? tf.matMul(x as Tensor2D, w as Tensor2D)
    : ops.conv2d(x as Tensor4D, w as Tensor4D, layer);
}

/** The least seconds of several runs of a graph with one output. What the output does not need, the graph does not compute. */
async function time(compute: (inputs: Tensors) => Tensor, inputs: Tensors): Promise<number> {
  const step: CompiledStep<Tensors, Tensors, Tensors> = engine.compile(
    (_, values) => ({ state: {}, outputs: { result: compute(values) } }),
    {},
    inputs,
    precision,
  );
  let least = Infinity;
  for (let round = 0; round <= rounds; round++) {
    const began = performance.now();
    const { outputs } = step.run({}, inputs);
    if (round > 0) least = Math.min(least, (performance.now() - began) / 1000); // the first prepares the graph
    tf.dispose(outputs);
    await nextTurn(); // native buffers are freed between turns of the event loop
  }
  step.dispose();
  return least;
}
