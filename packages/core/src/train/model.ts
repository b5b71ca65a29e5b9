import type { Composition } from '../container/compose.js';
import { describe, type NetworkDescription, type Parameter, type Shape, type Statistic } from '../nn/describe.js';
import { chain, named, type Network } from '../nn/network.js';
import { pinSites, type PinnedSites } from '../quantization/pins.js';
import type { Sides } from '../quantization/treatments.js';
import { atPlace, networkInvalid, type Place } from '../errors.js';
import type { Path } from '../pipeline/locate.js';

/** What is trained: the networks of a method, their tensors by torch name, and how their sites are quantized. */
export interface Model {
  readonly backbone: Network;
  /** Backbone and projector. */
  readonly encoder: Network;
  readonly heads: { readonly [name: string]: Network };
  /** Of all networks, in order. */
  readonly parameters: readonly Parameter[];
  /** The parameters that training changes: all but the frozen ones. */
  readonly trained: readonly Parameter[];
  readonly statistics: readonly Statistic[];
  /** Tensors and sites of the backbone alone, which evaluation runs. */
  readonly backboneDescription: NetworkDescription;
  readonly sides: Sides;
}

/**
 * Puts a method's networks together for views of a shape [N,H,W,C].
 * @throws SsqlError NETWORK_INVALID, PIN_UNMATCHED
 */
export function assembleModel(
  { backbone, method, weights, activations, pins }: Composition,
  input: Shape,
  place: (path: Path) => Place | undefined,
): Model {
  const encoder = chain(backbone, named('projector', method.projector));
  const heads = Object.fromEntries(Object.entries(method.heads).map(([name, head]) => [name, named(name, head)]));
  const backboneDescription = atPlace(place(['backbone']), () => describe(backbone, input));
  const descriptions = atPlace(place(['method']), () => {
    const description = describe(encoder, input);
    const all = [description, ...Object.values(heads).map((head) => describe(head, description.output))];
    refuseSharedNames(all);
    return all;
  });
  const encoderDescription = descriptions[0]!; // the first of them
  const pinned: PinnedSites = pinSites(pins, encoderDescription, (pattern) => place(['quantization', 'pins', pattern]));
  const parameters = descriptions.flatMap((description) => description.parameters);
  return {
    backbone,
    encoder,
    heads,
    parameters,
    trained: parameters.filter(({ frozen }) => !frozen),
    statistics: descriptions.flatMap((description) => description.statistics),
    backboneDescription,
    sides: { weights, activations, pins: pinned },
  };
}

function refuseSharedNames(descriptions: readonly NetworkDescription[]): void {
  const names = descriptions.flatMap(({ parameters, statistics }) =>
    [...parameters, ...statistics].map(({ name }) => name),
  );
  const twice = names.find((name, index) => names.indexOf(name) !== index || name.startsWith('optimizer.'));
  if (twice !== undefined) throw networkInvalid(`two of its networks have a tensor ${twice}`);
}
