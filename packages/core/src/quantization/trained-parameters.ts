import type { NetworkDescription } from '../nn/describe.js';
import type { Sides } from './treatments.js';

/** A tensor that a quantizer trains at one site. */
export interface TrainedParameter {
  /** `quantizer.weights.layer1.0.conv1.clip` */
  readonly name: string;
  readonly shape: readonly number[];
  /** What each element begins with. */
  readonly initial: number;
}

/** The tensors that quantizers train at the sites of a network. Sites that are pinned to float have none. */
export function trainedParameters(
  sides: Sides,
  { siteShapes }: Pick<NetworkDescription, 'siteShapes'>,
): readonly TrainedParameter[] {
  return (['weights', 'activations'] as const).flatMap((side) =>
    [...siteShapes[side]]
      .filter(([site]) => sides.pins[side].get(site) !== 'float')
      .flatMap(([site, shape]) =>
        Object.entries(sides[side].quantizer.parameters?.(shape) ?? {}).map(([name, one]) => ({
          name: parameterName(side, site, name),
          shape: one.shape,
          initial: one.initial,
        })),
      ),
  );
}

export function parameterName(side: 'weights' | 'activations', site: string, name: string): string {
  return `${PREFIX}${side}.${site}.${name}`;
}

/** What the names of all trained parameters of quantizers begin with. */
export const PREFIX = 'quantizer.';
