import type { Evaluation, RunRecord, StepMetrics } from '../../packages/core/src/index.js';
import type { NamedWeights } from '../../packages/core/src/kinds/run-record.js';

/** Options of a synthetic run that resembles `pipelines/quickstart.yaml`. */
export interface RunShape {
  readonly wrap: 'none' | 'ssql';
  readonly seed?: number;
  /** Accuracy by precision, as fractions; recorded in percent. */
  readonly accuracies?: { readonly [precision: string]: number };
}

const ACCURACIES = {
  none: { float: 0.974, w8a8: 0.974, w4a4: 0.961, w3a3: 0.924, w2a8: 0.891, w2a4: 0.855, w2a3: 0.723 },
  ssql: { float: 0.971, w8a8: 0.971, w4a4: 0.968, w3a3: 0.959, w2a8: 0.957, w2a4: 0.95, w2a3: 0.921 },
};

/** The two runs of the quickstart, for each seed. */
export function quickstartRuns(seeds: readonly number[] = [7]): readonly RunRecord[] {
  return (['none', 'ssql'] as const).flatMap((wrap) =>
    seeds.map((seed, index) => {
      // A single seed has exactly these accuracies; other seeds scatter around them, more at fewer bits.
      const scatter = ([precision, value]: [string, number]): [string, number] => [
        precision,
        value + (index - (seeds.length - 1) / 2) * (1 - value) * 0.12,
      ];
      return makeRun({ wrap, seed, accuracies: Object.fromEntries(Object.entries(ACCURACIES[wrap]).map(scatter)) });
    }),
  );
}

export function makeRun({ wrap, seed = 7, accuracies = ACCURACIES[wrap] }: RunShape): RunRecord {
  const draw = generator(seed * 2 + (wrap === 'ssql' ? 1 : 0));
  const group = wrap === 'ssql' ? 'SSQL-SimSiam' : 'SimSiam';
  const label = `${group} seed ${seed}`;
  return {
    folder: `runs/quickstart/${wrap}-${seed}`,
    cell: { 'quantization.wrap': wrap, seed },
    label,
    group,
    quantized: wrap === 'ssql',
    pipeline: `name: quickstart\nseed: ${seed}\nmethod: { use: simsiam, with: { dim: 512 } }\nquantization:\n  wrap: ${wrap}\ntrain: { epochs: 30, batch: 256 }\n`,
    manifest: {
      versions: { node: '20.20.2', '@ssql/core': '0.1.0' },
      engine: { name: 'libtensorflow', version: '2.9.1', threads: 8 },
      seed,
    },
    metrics: metricsOf(wrap, draw),
    monitored: [],
    evaluations: evaluationsOf(accuracies, draw),
    assignments: {},
    pictures: [],
    costs: costsOf(Object.keys(accuracies)),
    weights: weightsOf(wrap, draw),
    timings: { pretrain: wrap === 'ssql' ? 211.4 : 124.8, 'linear-probe': 21.7, knn: 4.2 },
  };
}

/** Of eight million multiplications and 180,000 weights, without pins. */
function costsOf(precisions: readonly string[]): RunRecord['costs'] {
  const widths = (precision: string): readonly number[] =>
    precision === 'float' ? [32, 32] : [...precision.matchAll(/\d+/g)].map(Number);
  return Object.fromEntries(
    precisions.map((precision) => {
      const [weights = 32, activations = 32] = widths(precision);
      return [precision, { bops: 8e6 * weights * activations, bytes: (180_000 * weights) / 8 }];
    }),
  );
}

function evaluationsOf(
  accuracies: { readonly [precision: string]: number },
  draw: () => number,
): readonly Evaluation[] {
  const panels = [
    ['linear-probe', 'matched', 0],
    ['linear-probe', 'float', -0.012],
    ['knn', 'matched', -0.004],
  ] as const;
  return panels.flatMap(([stage, classifier, offset]) =>
    Object.entries(accuracies).map(([precision, accuracy]) => ({
      stage,
      classifier,
      precision,
      metric: 'accuracy',
      value: 100 * Math.min(1, accuracy + offset + (stage === 'linear-probe' && offset === 0 ? 0 : 0.004 * draw())),
    })),
  );
}

function metricsOf(wrap: RunShape['wrap'], draw: () => number): readonly StepMetrics[] {
  const [epochs, perEpoch] = [30, 40];
  return Array.from({ length: epochs * perEpoch }, (_, step) => {
    const done = step / (epochs * perEpoch);
    const float = (wrap === 'ssql' ? -0.91 : -0.95) + 0.8 * Math.exp(-9 * done) + 0.02 * draw();
    const quantized = -0.86 + 0.8 * Math.exp(-7 * done) + 0.06 * draw();
    return {
      step,
      epoch: Math.floor(step / perEpoch),
      loss: wrap === 'ssql' ? (float + quantized) / 2 : float,
      learningRate: 0.025 * (1 + Math.cos(Math.PI * done)),
      ...(wrap === 'ssql' ? { precision: 'w4a4' } : {}),
      parts: wrap === 'ssql' ? { float, quantized } : { float },
      featureStd: 0.012 + 0.028 * (1 - Math.exp(-6 * done)) + 0.001 * draw(),
      imagesPerSecond: (wrap === 'ssql' ? 1450 : 2460) + 60 * draw(),
    };
  });
}

/** The convolutions of a thin ResNet-18; without SSQL a few weights are outliers. */
function weightsOf(wrap: RunShape['wrap'], draw: () => number): readonly NamedWeights[] {
  const blocks = [1, 2, 3, 4].flatMap((layer) =>
    [0, 1].flatMap((block) => [
      `layer${layer}.${block}.conv1`,
      `layer${layer}.${block}.conv2`,
      ...(layer > 1 && block === 0 ? [`layer${layer}.0.downsample.0`] : []),
    ]),
  );
  const convolutions = ['conv1', ...blocks].map((name, depth) => ({
    name: `${name}.weight`,
    shape: [16, 16, 3, 3],
    values: Float32Array.from({ length: 2304 }, () => {
      const tail = wrap === 'none' && Math.abs(draw()) > 0.985 ? 2.2 + 0.08 * depth : 1;
      return 0.04 * tail * (draw() + draw() + draw());
    }),
  }));
  return [...convolutions, { name: 'bn1.weight', shape: [16], values: new Float32Array(16).fill(1) }];
}

/** Uniform draws in [-1, 1), by mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}
