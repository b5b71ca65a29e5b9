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

/** What a parameter begins with, of the tensor at its site. */
export function initialParameter(tf: Tf, { shape, initial }: Trainable, x: Tensor): Tensor {
  return typeof initial === 'number' ? tf.fill([...shape], initial) : tf.reshape(initial(x), [...shape]);
}

/** Whether a parameter begins with data that a pass alone knows. */
export function needsOutputs({ operand, initial }: TrainedParameter): boolean {
  return operand === 'activations' && typeof initial !== 'number';
}

/** What parameters of weights begin with, by name; numbers too on the side of activations. Left out is what needs outputs. */
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

/** A float pass that also finds what the parameters of outputs begin with; the first time that a site is met counts. */
export function initializingFromOutputs(
  tf: Tf,
  parameters: readonly TrainedParameter[],
  initialized: { [name: string]: Tensor },
  pass: SiteHooks = NO_HOOKS,
): SiteHooks {
  const concerned = parameters.filter(needsOutputs);
  return {
    ...pass,
    output(site, x) {
      for (const parameter of concerned.filter((candidate) => candidate.site === site))
        initialized[parameter.name] ??= initialParameter(tf, parameter, x);
      return pass.output(site, x);
    },
  };
}

export function parameterName(operand: Operand, site: string, name: string): string {
  return `${PREFIX}${operand}.${site}.${name}`;
}

/** What the names of all trained parameters of quantizers begin with. */
export const PREFIX = 'quantizer.';
