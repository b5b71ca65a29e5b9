import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { CompiledStep, Engine, Step, Tensors } from '../engine/engine.js';
import { execute, type SiteHooks } from '../nn/execute.js';
import { runningStatistics } from '../nn/normalization.js';
import type { ObserverState } from '../kinds/observer.js';
import { observedRanges, quantizing, type Observations } from '../train/site-hooks.js';
import type { Model } from '../train/model.js';
import { readBits } from '../train/step-inputs.js';
import type { Views } from '../train/views.js';

/** The engine, and the views that prepare images. */
export interface FeatureContext {
  readonly engine: Engine;
  readonly views: Views;
}

/** A backbone without its tensors, and how its sites are quantized. */
export type FrozenNetwork = Pick<Model, 'backbone' | 'quantization'>;

/** The features of frozen backbones, compiled once for all weights and bit widths of a network, its pins, and images of a shape. */
export interface FeatureSteps {
  /**
   * Features [N,D]; the caller disposes them.
   * @param network a network of one run; a different network, such as the folded one, must have inputs with different names
   * @param inputs the backbone's tensors, `images` [N,H,W,C] as bytes, bit widths and observations
   */
  run(network: FrozenNetwork, inputs: Tensors): Tensor2D;
  dispose(): void;
}

export function featureSteps(surroundings: FeatureContext): FeatureSteps {
  const compiled = new Map<string, CompiledStep<Tensors, Tensors, { readonly features: Tensor2D }>>();
  return {
    run(network, inputs) {
      const { pins } = network.quantization;
      const kind = JSON.stringify([
        [...pins.weights],
        [...pins.activations],
        Object.entries(inputs).map(([name, { shape }]) => [name, shape]),
      ]);
      let step = compiled.get(kind);
      if (step === undefined) {
        step = surroundings.engine.compile(featureStep(surroundings, network), {}, inputs);
        compiled.set(kind, step);
      }
      return step.run({}, inputs).outputs.features;
    },
    dispose: () => compiled.forEach((step) => step.dispose()),
  };
}

/** A float or quantized pass of the backbone, with its running statistics, over images prepared for evaluation. */
export function frozenForward(
  { engine, views }: FeatureContext,
  { backbone }: Pick<FrozenNetwork, 'backbone'>,
  tensors: Tensors,
  images: Tensor4D,
  sites: SiteHooks,
): Tensor {
  const parameter = (name: string): Tensor => tensors[name]!; // the tensors include everything that the network names
  const normalization = runningStatistics(engine, new Map(Object.entries(tensors)));
  return backbone.forward(execute(engine, { parameter, normalization, sites }), views.evaluate(images) as Tensor);
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

function featureStep(
  surroundings: FeatureContext,
  network: FrozenNetwork,
): Step<Tensors, Tensors, { readonly features: Tensor2D }> {
  const { tf } = surroundings.engine;
  const { quantization } = network;
  return (state, inputs) => {
    const { images, ...rest } = inputs;
    const parameter = (name: string): Tensor => rest[name]!; // the inputs have all of the backbone's sites
    const ranges = observedRanges(quantization, readObservations(rest));
    const sites = quantizing(tf, quantization, readBits(rest, 0), ranges, parameter);
    const features = frozenForward(surroundings, network, rest, images as Tensor4D, sites) as Tensor2D; // [N,D]
    return { state, outputs: { features } };
  };
}
