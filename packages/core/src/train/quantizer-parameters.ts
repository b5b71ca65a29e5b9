import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tensors, Tf } from '../engine/engine.js';
import type { NetworkDescription } from '../nn/describe.js';
import { NO_HOOKS, type SiteHooks } from '../nn/execute.js';
import type { Trainable, Operand } from '../kinds/quantizer.js';
import type { NetworkQuantization } from './site-hooks.js';

/** A tensor that a quantizer trains at one site. */
export interface TrainedParameter extends Trainable {
  /** `quantizer.weights.layer1.0.conv1.clip` */
  readonly name: string;
  readonly operand: Operand;
  readonly site: string;
}

/** The tensors that quantizers train at the sites of a network. Sites that are pinned to float have none. */
export function trainedParameters(
  quantization: NetworkQuantization,
  { siteShapes }: Pick<NetworkDescription, 'siteShapes'>,
): readonly TrainedParameter[] {
  return (['weights', 'activations'] as const).flatMap((operand) =>
    [...siteShapes[operand]]
      .filter(([site]) => quantization.pins[operand].get(site) !== 'float')
      .flatMap(([site, shape]) =>
        Object.entries(quantization[operand].quantizer.trainables?.(shape, operand) ?? {}).map(
          ([name, { shape, initial }]) => ({
            name: parameterName(operand, site, name),
            operand,
            site,
            shape,
            initial,
          }),
        ),
      ),
  );
}

/** The initial value of a trained tensor, from the tensor at its site. */
export function initialParameter(tf: Tf, { shape, initial }: Trainable, x: Tensor): Tensor {
  return typeof initial === 'number' ? tf.fill([...shape], initial) : tf.reshape(initial(x), [...shape]);
}

/** Whether the initial value depends on outputs, which only a pass computes. */
export function needsOutputs({ operand, initial }: TrainedParameter): boolean {
  return operand === 'activations' && typeof initial !== 'number';
}

/** Initial values by name: of all tensors at weights and of those at outputs that start as a number. */
export function initialFromWeights(
  tf: Tf,
  parameters: readonly TrainedParameter[],
  weight: (layer: string) => Tensor,
): Tensors {
  return Object.fromEntries(
    parameters
      .filter((parameter) => !needsOutputs(parameter))
      .map((parameter) => [
        parameter.name,
        parameter.operand === 'weights'
          ? initialParameter(tf, parameter, weight(parameter.site))
          : tf.fill([...parameter.shape], parameter.initial as number),
      ]),
  );
}

/** A float pass that also computes the initial values that need outputs; the first visit of a site counts. */
export function initializingFromOutputs(
  tf: Tf,
  parameters: readonly TrainedParameter[],
  initialized: { [name: string]: Tensor },
  pass: SiteHooks = NO_HOOKS,
): SiteHooks {
  const atOutputs = parameters.filter(needsOutputs);
  return {
    ...pass,
    output(site, x) {
      for (const parameter of atOutputs.filter((candidate) => candidate.site === site))
        initialized[parameter.name] ??= initialParameter(tf, parameter, x);
      return pass.output(site, x);
    },
  };
}

export function parameterName(operand: Operand, site: string, name: string): string {
  return `${PREFIX}${operand}.${site}.${name}`;
}

/** Prefix of the names of all tensors that quantizers train. */
export const PREFIX = 'quantizer.';
