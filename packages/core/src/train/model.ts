import type { PrecisionChoice, Wrapper } from '../kinds/wrapper.js';
import { describe, type NetworkDescription, type Parameter, type Shape, type Statistic } from '../nn/describe.js';
import { chain, named, type Network } from '../nn/network.js';
import { pinSites, type PinnedSites } from '../quantization/pins.js';
import { batchNormName, batchNormSets, floatName, PREFIX as BATCH_NORM_PREFIX } from './batch-norms.js';
import { precisionChoices } from './precision-choices.js';
import { PREFIX as QUANTIZER_PREFIX, trainedParameters, type TrainedParameter } from './quantizer-parameters.js';
import type { NetworkQuantization, OperandQuantization } from './site-hooks.js';
import type { Precision } from '../quantization/precision.js';
import { atLocation, SsqlError, type Location } from '../errors.js';
import { networkInvalid } from '../nn/nn-errors.js';
import { headUnknown, methodStateInvalid } from './train-errors.js';
import { blamed } from '../plugin/plugin-of.js';
import type { Path } from '../pipeline/locate.js';
import type { MemoryTensor, Method } from '../kinds/method.js';

/** The networks of a run and how they are quantized. */
export interface Networks {
  readonly backbone: Network;
  readonly method: Method;
  readonly weights: OperandSettings;
  readonly activations: OperandSettings;
  /** Fixed precisions by a glob over layer names; an omitted operand is not pinned. */
  readonly pins: { readonly [pattern: string]: Partial<Precision> };
}

export interface OperandSettings extends OperandQuantization {
  /** The bit widths that training draws from. */
  readonly bits: readonly number[];
}

/** What is trained: the networks of a method, their tensors by torch name, and how their sites are quantized. */
export interface Model {
  readonly backbone: Network;
  /** Backbone and projector. */
  readonly encoder: Network;
  readonly heads: { readonly [name: string]: Network };
  /** Of all networks, in order. */
  readonly parameters: readonly Parameter[];
  /** The tensors that quantizers train, at the sites of all quantized networks; empty if training is float. */
  readonly quantizerParameters: readonly TrainedParameter[];
  /** The tensors that training changes: all parameters except frozen ones, and the quantizers' tensors. */
  readonly trained: readonly Trained[];
  readonly statistics: readonly Statistic[];
  readonly momentum: MomentumEncoder | undefined;
  /** The method's memory, stored under `memoryName`. */
  readonly memory: { readonly [name: string]: MemoryTensor };
  /** Tensors and sites of only the backbone, which evaluation uses. */
  readonly backboneDescription: NetworkDescription;
  readonly quantization: NetworkQuantization;
}

/** A tensor that training changes. */
export interface Trained {
  readonly name: string;
  readonly shape: Shape;
  /** Factor on its learning rate. */
  readonly rate: number;
}

/** A copy of the encoder, and of some heads, that follows them slowly. */
export interface MomentumEncoder {
  /** Its layers are named `momentum.…`. */
  readonly network: Network;
  /** Copies of the heads that the method lists, named `momentum.<name>.…`. */
  readonly heads: { readonly [name: string]: Network };
  /** Each follows a parameter of the encoder or of a head. */
  readonly parameters: readonly { readonly name: string; readonly follows: Parameter }[];
  readonly statistics: readonly Statistic[];
}

/**
 * Assembles a method's networks for views of a shape [N,H,W,C].
 * @param networks.trains false: nothing is trained, so quantizers train no tensors either
 * @throws SsqlError NETWORK_INVALID, HEAD_UNKNOWN, PIN_UNMATCHED
 */
export function assembleModel(
  {
    backbone,
    method,
    wrapper,
    weights,
    activations,
    pins,
    trains = true,
  }: Networks & { readonly wrapper?: Pick<Wrapper, 'precisions' | 'batchNorms'>; readonly trains?: boolean },
  input: Shape,
  location: (path: Path) => Location | undefined,
): Model {
  const encoder = chain(backbone, named('projector', method.projector));
  const heads = Object.fromEntries(Object.entries(method.heads).map(([name, head]) => [name, named(name, head)]));
  /** Too small a batch is the pipeline's fault, and no fault of the network. */
  const describedOf = (owner: object, network: Network, shape: Shape): NetworkDescription => {
    try {
      return describe(network, shape);
    } catch (error) {
      if (!(error instanceof SsqlError) || error.code !== 'BATCH_NORM_OF_ONE') throw error;
      const { code, message, details } = blamed(owner, error, 'needs larger batches');
      throw new SsqlError(code, message, { ...details, location: location(['train', 'batch']) ?? details.location });
    }
  };
  const backboneDescription = atLocation(location(['backbone']), () => describedOf(backbone, backbone, input));
  const described = atLocation(location(['method']), () => {
    const description = describedOf(method, encoder, input);
    const ofHeads = Object.entries(heads).map(
      ([name, head]) => [name, describedOf(method, head, description.output)] as const,
    );
    refuseSharedNames(method, [description, ...ofHeads.map(([, head]) => head)]);
    refuseUnknownNetworks(method);
    return { encoder: description, heads: new Map(ofHeads) };
  });
  const encoderDescription = described.encoder;
  const descriptions = [encoderDescription, ...described.heads.values()];
  const pinned: PinnedSites = pinSites(pins, encoderDescription, (pattern) =>
    location(['quantization', 'pins', pattern]),
  );
  const bits = { weights: weights.bits, activations: activations.bits };
  const batchNorms = atLocation(location(['quantization', 'wrap']), () => batchNormSets(wrapper, bits));
  const sets = [undefined, ...batchNorms.map(({ choice }) => choice)];
  const parameters = sets.flatMap((choice) => descriptions.flatMap((network) => parametersOf(network, choice)));
  const statistics = sets.flatMap((choice) =>
    renamed(
      choice,
      descriptions.flatMap((network) => network.statistics),
    ),
  );
  const quantization = { weights, activations, pins: pinned, batchNorms };
  // If training quantizes nothing, it trains no tensors of quantizers: evaluation initializes them from the trained weights.
  const quantizes =
    trains &&
    (wrapper === undefined ||
      atLocation(location(['quantization', 'wrap']), () => precisionChoices(wrapper)).length > 0);
  const quantizerParameters = quantizes ? trainedParameters(quantization, encoderDescription) : [];
  return {
    backbone,
    encoder,
    heads,
    parameters,
    quantizerParameters,
    trained: [...parameters.filter(({ frozen }) => !frozen), ...quantizerParameters].map(({ name, shape }) => ({
      name,
      shape,
      rate: rateOf(floatName(name), method),
    })),
    statistics,
    momentum: method.momentum && momentumEncoder(method, { encoder, heads }, described),
    memory: method.memory ?? {},
    backboneDescription,
    quantization,
  };
}

/** The name in a training's state of a tensor of a method's memory. */
export function memoryName(name: string): string {
  return `memory.${name}`;
}

/** The names of trained tensors of the networks that the method can freeze, by network. */
export function freezableParameters(
  { trained }: Pick<Model, 'trained'>,
  { frozen = {} }: Method,
): ReadonlyMap<string, readonly string[]> {
  const namesOf = (network: string): string[] =>
    trained.map(({ name }) => name).filter((name) => belongsTo(network, floatName(name)));
  return new Map(Object.keys(frozen).map((network) => [network, namesOf(network)]));
}

/** All parameters of a network, or those of its batch norms in a set. */
function parametersOf(
  { parameters, statistics }: NetworkDescription,
  choice: PrecisionChoice | undefined,
): readonly Parameter[] {
  if (choice === undefined) return parameters;
  const names = new Set(statistics.flatMap(({ name }) => ['weight', 'bias'].map((end) => `${layerOf(name)}.${end}`)));
  return renamed(
    choice,
    parameters.filter(({ name }) => names.has(name)),
  );
}

function layerOf(name: string): string {
  return name.slice(0, name.lastIndexOf('.'));
}

function renamed<T extends { readonly name: string }>(choice: PrecisionChoice | undefined, tensors: readonly T[]): T[] {
  return tensors.map((tensor) => ({ ...tensor, name: batchNormName(choice, tensor.name) }));
}

/** The factor on the learning rate of the network whose layers are named `<network>.…`. */
function rateOf(name: string, { learningRates = {} }: Method): number {
  return Object.entries(learningRates).find(([network]) => belongsTo(network, name))?.[1] ?? 1;
}

function belongsTo(network: string, name: string): boolean {
  return name.startsWith(`${network}.`);
}

function refuseUnknownNetworks(method: Method): void {
  const { heads, learningRates = {}, frozen = {}, momentum, momentumHeads = [] } = method;
  const known = ['projector', ...Object.keys(heads)];
  const unknown = [...Object.keys(learningRates), ...Object.keys(frozen)].find((name) => !known.includes(name));
  if (unknown !== undefined) throw blamed(method, headUnknown(unknown, known));
  const copied = momentumHeads.find((name) => heads[name] === undefined);
  if (copied !== undefined) throw blamed(method, headUnknown(copied, Object.keys(heads)));
  if (momentumHeads.length > 0 && momentum === undefined)
    throw blamed(method, methodStateInvalid('it declares `momentumHeads` but no `momentum`'));
}

interface Described {
  readonly encoder: NetworkDescription;
  readonly heads: ReadonlyMap<string, NetworkDescription>;
}

function momentumEncoder(
  { momentumHeads = [] }: Method,
  { encoder, heads }: Pick<Model, 'encoder' | 'heads'>,
  described: Described,
): MomentumEncoder {
  // The names were checked.
  const copied = [described.encoder, ...momentumHeads.map((name) => described.heads.get(name)!)];
  return {
    network: named('momentum', encoder),
    heads: Object.fromEntries(momentumHeads.map((name) => [name, named('momentum', heads[name]!)])),
    parameters: copied.flatMap(({ parameters }) =>
      parameters.map((follows) => ({ name: `momentum.${follows.name}`, follows })),
    ),
    statistics: copied.flatMap(({ statistics }) =>
      statistics.map((statistic) => ({ ...statistic, name: `momentum.${statistic.name}` })),
    ),
  };
}

/** Prefixes of other tensors in the state of training (`slotName`, `parameterName`, `batchNormName`). */
const RESERVED = ['optimizer.', QUANTIZER_PREFIX, BATCH_NORM_PREFIX, 'momentum.', memoryName('')];

function refuseSharedNames(method: Method, descriptions: readonly NetworkDescription[]): void {
  const names = descriptions.flatMap(({ parameters, statistics }) =>
    [...parameters, ...statistics].map(({ name }) => name),
  );
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw blamed(method, networkInvalid(`two of its networks have a tensor named ${twice}`));
  const reserved = names.find((name) => RESERVED.some((prefix) => name.startsWith(prefix)));
  if (reserved !== undefined)
    throw blamed(
      method,
      networkInvalid(`the name of its tensor ${reserved} is reserved for other tensors of training`),
    );
}
