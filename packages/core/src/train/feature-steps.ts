import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { CompiledStep, Engine, Step, Tensors } from '../engine/engine.js';
import { execute, type SiteTreatment } from '../nn/execute.js';
import { runningStatistics } from '../nn/normalization.js';
import type { ObserverState } from '../quantization/quantizer.js';
import { observedRanges, quantizing, type Observations } from '../quantization/treatments.js';
import type { Model } from './model.js';
import { readBits } from './step-inputs.js';
import type { Views } from './views.js';

/** What a frozen backbone is computed with. */
export interface Frozen {
  readonly engine: Engine;
  readonly model: Model;
  readonly views: Views;
}

/** The features of frozen backbones, compiled once for each set of inputs by name and shape; all weights of the model have one. */
export interface FeatureSteps {
  /**
   * Features [N,D], the caller's to dispose.
   * @param inputs the backbone's tensors, `images` [N,H,W,C] as bytes, bit widths and observations
   */
  run(inputs: Tensors): Tensor2D;
  dispose(): void;
}

export function featureSteps(frozen: Frozen): FeatureSteps {
  const compiled = new Map<string, CompiledStep<Tensors, Tensors, { readonly features: Tensor2D }>>();
  return {
    run(inputs) {
      const kind = Object.entries(inputs)
        .map(([name, { shape }]) => `${name} ${shape.join('x')}`)
        .join();
      let step = compiled.get(kind);
      if (step === undefined) compiled.set(kind, (step = frozen.engine.compile(featureStep(frozen), {}, inputs)));
      return step.run({}, inputs).outputs.features;
    },
    dispose: () => compiled.forEach((step) => step.dispose()),
  };
}

/** A float or quantized pass of the backbone, with its running statistics, over images as evaluation sees them. */
export function frozenForward(
  { engine, model, views }: Frozen,
  tensors: Tensors,
  images: Tensor4D,
  sites: SiteTreatment,
): Tensor {
  const parameter = (name: string): Tensor => tensors[name]!; // the description names what the network asks for
  const normalization = runningStatistics(engine, new Map(Object.entries(tensors)));
  return model.backbone.forward(execute(engine, { parameter, normalization, sites }), views.evaluate(images) as Tensor);
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

function featureStep(frozen: Frozen): Step<Tensors, Tensors, { readonly features: Tensor2D }> {
  const { engine, model } = frozen;
  return (state, inputs) => {
    const { images, ...rest } = inputs;
    const parameter = (name: string): Tensor => rest[name]!; // the inputs have all of the backbone's sites
    const ranges = observedRanges(model.sides, readObservations(rest));
    const sites = quantizing(engine.tf, model.sides, readBits(rest, 0), ranges, parameter);
    const features = frozenForward(frozen, rest, images as Tensor4D, sites) as Tensor2D; // [N,D]
    return { state, outputs: { features } };
  };
}
