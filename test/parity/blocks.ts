import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Network } from '@ssql/core';
import { describe as describeNetwork } from '../../packages/core/src/nn/describe.js';
import { execute } from '../../packages/core/src/nn/execute.js';
import { batchStatistics, type Statistics } from '../../packages/core/src/nn/normalization.js';
import { pinSites } from '../../packages/core/src/quantization/pins.js';
import { observedRanges, observing, quantizing, type Observations } from '../../packages/core/src/train/site-hooks.js';
import { basicBlock } from '../../packages/plugins/src/backbone/residual.js';
import { measure, readGolden, type Golden, type Measure } from '../golden/golden.js';
import { recipeNamed, toInOut, toNchw, toNhwc, toOihw, type HostTensor } from '../golden/recipe.js';
import { toHost, toTensor } from '../plugins/context.js';
import type { ParityCase } from './parity-case.js';
import { fresh, goldenParameter, microComposition, tensorsOf } from '../train/micro.js';
import { pinsOf, type BitConfig } from './stated.js';

/** Single quantized modules in training mode: outputs, all gradients, statistics. */
export function blockCases(file: string): readonly ParityCase[] {
  return readGolden<{ cases: Case[] }>(file).cases.map((golden) => ({
    name: `${golden.name} w${golden.w_bit}a${golden.a_bit}`,
    async measure(engine) {
      const { tf } = engine;
      const measures: Measure[] = [];
      const network = moduleOf(golden);
      const [x1, x2] = [golden.x1, golden.x2].map((name) => inputOf(golden, name)) as [Tensor, Tensor];
      const description = describeNetwork(network, x1.shape);
      const prefix = golden.params.replace('<plain name>', '');
      const given = tensorsOf(
        engine,
        description,
        (one) => goldenParameter(prefix + one.name, one, recipeNamed),
        fresh,
      );

      const { weights, activations } = await microComposition(engine, {});
      const quantization = {
        weights,
        activations,
        pins: pinSites(pinsOf(golden.bit_config), description, () => undefined),
      };
      const statistics: Statistics = new Map(Object.entries(given));
      const keep = <T extends Tensor>(tensor: T): T => {
        tf.keep(tensor);
        return tensor;
      };
      const normalization = batchStatistics(engine, statistics, keep);
      const parameter = (name: string): Tensor => given[name]!;
      const observations: Observations = new Map();
      const floatPass = execute(engine, { parameter, normalization, sites: observing(quantization, observations) });
      const float1 = network.forward(floatPass, x1);
      const float2 = network.forward(floatPass, x2);
      measures.push(measure(toNchw(toHost(float1)), golden.float_out_x1, 1e-5, 'float output of x1'));
      measures.push(measure(toNchw(toHost(float2)), golden.float_out_x2, 1e-5, 'float output of x2'));

      const bits = { weights: tf.scalar(golden.w_bit), activations: tf.scalar(golden.a_bit) };
      const trained = description.parameters.filter(({ name }) => name in golden.grads);
      const xs = [x1, ...trained.map(({ name }) => given[name]!)];
      let output: HostTensor | undefined;
      const weighed = (): Tensor => {
        const sites = quantizing(tf, quantization, bits, observedRanges(quantization, observations), parameter);
        const y = network.forward(execute(engine, { parameter, normalization, sites }), x1);
        output = toNchw(toHost(y));
        const upstream = toTensor(toNhwc(recipeNamed(golden.R, output.shape)));
        return tf.sum(tf.mul(y, upstream));
      };
      const { grads } = tf.engine().gradients(weighed, xs);
      measures.push(measure(output!, golden.quant_out_x1, 1e-5, 'quantized output of x1'));
      measures.push(measure(toNchw(toHost(grads[0]!)), golden.grad_x1, 2e-5, 'gradient of x1'));
      trained.forEach(({ name, role }, index) => {
        const gradient = toHost(grads[index + 1]!);
        const torch = role === 'convolution' ? toOihw(gradient) : role === 'linear' ? toInOut(gradient) : gradient;
        measures.push(measure(torch, golden.grads[name]!, 2e-5, `gradient of ${name}`));
      });
      const missing = Object.keys(golden.grads).length - trained.length;
      measures.push({ what: 'parameters with a gradient', error: missing, tolerance: 0 });
      for (const [name, expected] of Object.entries(golden.bn_after)) {
        measures.push(measure(toHost(statistics.get(name)!), expected, 1e-5, `${name} after three passes`));
      }
      return measures;
    },
  }));
}

interface Case {
  readonly name: string;
  readonly w_bit: number;
  readonly a_bit: number;
  readonly bit_config: BitConfig;
  readonly x1: string;
  readonly x2: string;
  readonly shape: readonly number[];
  readonly x_scale: number;
  readonly x_relu: boolean;
  readonly R: string;
  readonly params: string;
  readonly float_out_x1: Golden;
  readonly float_out_x2: Golden;
  readonly quant_out_x1: Golden;
  readonly grad_x1: Golden;
  readonly grads: { readonly [name: string]: Golden };
  readonly bn_after: { readonly [name: string]: Golden };
}

function inputOf({ shape, x_scale, x_relu }: Case, name: string): Tensor4D | Tensor2D {
  const { values } = recipeNamed(name, shape, { scale: x_scale });
  const rectified = x_relu ? values.map((value) => Math.max(0, value)) : values;
  return toTensor(toNhwc({ shape, values: rectified })) as Tensor4D | Tensor2D;
}

/** The official module of a case, in our words; its sizes are those of its weights. */
function moduleOf({ name, shape, quant_out_x1, grads }: Case): Network {
  const weight = (layer: string): readonly number[] => grads[`${layer}.weight`]!.shape;
  const stride = shape[2]! / quant_out_x1.shape[2]!;
  if (name === 'stem') {
    const [filters, , kernel] = weight('0') as [number, number, number];
    return {
      forward(nn, x) {
        const y = nn.conv2d(x, '0', { filters, kernel, stride, padding: (kernel - 1) / 2 });
        return nn.output(nn.relu(nn.batchNorm(y, '1')), '0');
      },
    };
  }
  if (name === 'projector') {
    const units = (layer: string): number => weight(layer)[0]!;
    return {
      forward(nn, x) {
        let y = nn.relu(nn.batchNorm(nn.linear(x, '0', { units: units('0'), bias: false }), '1'));
        y = nn.relu(nn.batchNorm(nn.linear(nn.output(y, '0'), '3', { units: units('3'), bias: false }), '4'));
        y = nn.linear(nn.output(y, '3'), '6', { units: units('6'), bias: 'frozen' });
        return nn.output(nn.batchNorm(y, '7', { affine: false }), '6');
      },
    };
  }
  const filters = weight('0.conv1')[0]!;
  const projects = '0.downsample.0.weight' in grads;
  return { forward: (nn, x) => basicBlock(nn, x, '0', { filters, stride, projects }) };
}
