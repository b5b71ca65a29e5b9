import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { CompiledStep, Engine, Step, Tensors } from '../engine/engine.js';
import { execute, type SiteHooks } from '../nn/execute.js';
import { runningStatistics } from '../nn/normalization.js';
import type { ObserverState } from '../kinds/observer.js';
import { batchNormsAt, withBatchNorms } from '../train/batch-norms.js';
import { observedRanges, quantizing, type Observations } from '../train/site-hooks.js';
import type { Model } from '../train/model.js';
import type { PinnedSites } from '../quantization/pins.js';
import type { Precision } from '../quantization/precision.js';
import { bitInputs, readBits } from '../train/step-inputs.js';
import type { Views } from '../train/views.js';

/** The engine, and the views that prepare images. */
export interface FeatureContext {
  readonly engine: Engine;
  readonly views: Views;
}

/** A backbone without its tensors, and how its sites are quantized. */
export interface FrozenNetwork extends Pick<Model, 'backbone' | 'quantization'> {
  /** The name of the calibration that its quantization comes from. */
  readonly calibration?: string | undefined;
}

/** A pass of the backbone over a batch. */
export interface Pass {
  readonly precision: Precision;
  /** Default: the pipeline's pins. */
  readonly pins?: PinnedSites | undefined;
  /** The precision whose batch norms it uses; default: its own. */
  readonly batchNormsOf?: Precision | undefined;
}

/** The features of frozen backbones, compiled once for all weights and bit widths of a network, its pins, and images of a shape. */
export interface FeatureSteps {
  /** Images [N,H,W,C] of bytes -> the images that a backbone takes; the caller disposes them. */
  prepare(images: Tensor4D): Tensor4D;
  /**
   * Features [N,D] of each pass; the caller disposes them. The passes are one graph, so operations of different passes run in parallel.
   * @param network a network of one run in one of its calibrations; a different network, such as the folded one, must have inputs with
   * different names
   * @param inputs the backbone's tensors, prepared `images`, observations
   */
  run(network: FrozenNetwork, passes: readonly Pass[], inputs: Tensors): readonly Tensor2D[];
  dispose(): void;
}

export function featureSteps(surroundings: FeatureContext): FeatureSteps {
  const { engine, views } = surroundings;
  const compiled = new Map<string, CompiledStep<Tensors, Tensors, Tensors>>();
  const compiledFor = (kind: readonly unknown[], inputs: Tensors, step: () => PureStep): PureStep => {
    const key = JSON.stringify([kind, Object.entries(inputs).map(([name, { shape }]) => [name, shape])]);
    let known = compiled.get(key);
    if (known === undefined) compiled.set(key, (known = engine.compile(stateless(step()), {}, inputs)));
    return (inputs) => known.run({}, inputs).outputs;
  };
  return {
    prepare(images) {
      const inputs = { images };
      const prepare: PureStep = ({ images }) => ({ images: views.evaluate(images as Tensor4D) });
      return compiledFor([], inputs, () => prepare)(inputs)['images'] as Tensor4D;
    },
    run(network, passes, inputs) {
      const pinned = passes.map((pass) => ({ ...pass, pins: pass.pins ?? network.quantization.pins }));
      const kinds = pinned.map(({ pins, precision, batchNormsOf = precision }) => [
        [...pins.weights],
        [...pins.activations],
        batchNormsAt(network.quantization.batchNorms ?? [], batchNormsOf),
      ]);
      const bits = Object.assign({}, ...passes.map(({ precision }, i) => bitInputs(engine, precision, i))) as Tensors;
      try {
        const all = { ...inputs, ...bits };
        const outputs = compiledFor([network.calibration ?? '', ...kinds], all, () =>
          featureStep(surroundings, network, pinned),
        )(all);
        return passes.map((_, index) => outputs[featuresName(index)] as Tensor2D);
      } finally {
        engine.tf.dispose(bits);
      }
    },
    dispose: () => compiled.forEach((step) => step.dispose()),
  };
}

/** A float or quantized pass of the backbone, with its running statistics, over prepared images. */
export function frozenForward(
  { engine }: Pick<FeatureContext, 'engine'>,
  { backbone }: Pick<FrozenNetwork, 'backbone'>,
  tensors: Tensors,
  images: Tensor4D,
  sites: SiteHooks,
): Tensor {
  const parameter = (name: string): Tensor => tensors[name]!; // the tensors include everything that the network names
  const normalization = runningStatistics(engine, new Map(Object.entries(tensors)));
  return backbone.forward(execute(engine, { parameter, normalization, sites }), images as Tensor);
}

/** Observations as inputs of a step. */
export function observationInputs(observations: Observations): Tensors {
  const entries = [...observations].flatMap(([site, state]) =>
    Object.entries(state).map(([name, tensor]) => [`${OBSERVED}${site} ${name}`, tensor] as const),
  );
  return Object.fromEntries(entries);
}

// Sites have no spaces.
const OBSERVED = 'observed ';

function readObservations(inputs: Tensors): Observations {
  const observations = new Map<string, ObserverState>();
  for (const [input, tensor] of Object.entries(inputs)) {
    if (!input.startsWith(OBSERVED)) continue;
    const [site = '', ...name] = input.slice(OBSERVED.length).split(' ');
    observations.set(site, { ...observations.get(site), [name.join(' ')]: tensor });
  }
  return observations;
}

type PureStep = (inputs: Tensors) => Tensors;

function stateless(step: PureStep): Step<Tensors, Tensors, Tensors> {
  return (state, inputs) => ({ state, outputs: step(inputs) });
}

function featureStep(
  surroundings: FeatureContext,
  network: FrozenNetwork,
  passes: readonly (Pass & { readonly pins: PinnedSites })[],
): PureStep {
  const { tf } = surroundings.engine;
  return (inputs) => {
    const observations = readObservations(inputs);
    const features = passes.map(({ pins, precision, batchNormsOf = precision }, index) => {
      const tensors = withBatchNorms(inputs, batchNormsAt(network.quantization.batchNorms ?? [], batchNormsOf));
      const parameter = (name: string): Tensor => tensors[name]!; // the inputs have all of the backbone's sites
      const quantization = { ...network.quantization, pins };
      const ranges = observedRanges(quantization, observations);
      const sites = quantizing(tf, quantization, readBits(inputs, index), ranges, parameter);
      return [featuresName(index), frozenForward(surroundings, network, tensors, inputs['images'] as Tensor4D, sites)];
    });
    return Object.fromEntries(features) as Tensors;
  };
}

const featuresName = (index: number): string => `features.${index}`;
