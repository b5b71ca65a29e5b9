import { flopOf, type Work } from './arithmetic.js';
import { isMissing, type BenchOptions, type Missing, type Report } from './bench.js';
import type { Cost } from './cost.js';
import { complaints } from './guard.js';
import { judgedTable, present, type Judged } from './judged.js';

type Side = Judged | Missing;

export interface StepResults {
  readonly work: readonly Work[];
  readonly float32: { readonly ours: Side; readonly eager: Side; readonly compiled: Side };
  readonly bfloat16: { readonly ours: Side; readonly autocast: Side };
  readonly augmentationSeconds: number;
}

/** The results of the bench `step`, for people and for machines. */
export function stepReport(
  { batch, steps, threads, oursOnly }: BenchOptions,
  { work, float32, bfloat16, augmentationSeconds }: StepResults,
): Report {
  const ours = { float32: float32.ours, bfloat16: bfloat16.ours };
  const peers = { eager: float32.eager, compiled: float32.compiled, autocast: bfloat16.autocast };
  const sides: { readonly [name: string]: Side } = {
    'ssql float32': ours.float32,
    'ssql bfloat16': ours.bfloat16,
    'PyTorch eager': peers.eager,
    'PyTorch compiled': peers.compiled,
    'PyTorch autocast': peers.autocast,
  };
  const ratios = withoutUndefined({
    ratio: quotient('secondsPerStep', peers.eager, ours.float32),
    ratioBfloat16: quotient('secondsPerStep', peers.autocast, ours.bfloat16),
    memoryRatio: quotient('peakBytes', ours.float32, peers.eager),
  });
  const augmentation = {
    secondsPerStep: augmentationSeconds,
    ...(isMissing(ours.float32) ? {} : { share: augmentationSeconds / ours.float32.secondsPerStep }),
  };
  const failures = [
    ...complaints(present(sides)),
    // With --ours-only, PyTorch is missing on purpose.
    ...Object.entries(sides).flatMap(([name, side]) =>
      isMissing(side) && !(oursOnly && name.startsWith('PyTorch')) ? [`${name} was not measured`] : [],
    ),
  ];
  const gflop = flopOf(work, batch) / 1e9;
  return {
    ok: failures.length === 0,
    text: [
      `${batch} images and ${gflop.toFixed(0)} GFLOP a step; medians of ${steps} steps in turn on ${threads} threads`,
      judgedTable(sides),
      `augmentation, part of each step of ssql and of none of PyTorch: ${augmentationSeconds.toPrecision(3)} s`,
      ...Object.entries(ratios).map(([name, value]) => `${name}: ${value.toFixed(2)}`),
      ...failures,
    ].join('\n'),
    json: {
      batch,
      steps,
      threads,
      gflop,
      ours,
      peers,
      ...ratios,
      gflops: figure('gflops', { ...ours, ...peers }),
      peakGflops: { ...peak('float32', float32), ...peak('bfloat16', bfloat16) },
      augmentation,
      ...(isMissing(ours.float32) ? {} : costOf(ours.float32)),
      failures,
    },
  };
}

/** One figure of each side that was measured. */
function figure(name: keyof Judged, sides: { readonly [side: string]: Side }): object {
  return Object.fromEntries(Object.entries(present(sides)).map(([side, judged]) => [side, judged[name]]));
}

/** The peak of a precision, which all its sides share. */
function peak(precision: string, sides: { readonly [side: string]: Side }): object {
  const [first] = Object.values(present(sides));
  return first ? { [precision]: first.peakGflops } : {};
}

function quotient(name: 'secondsPerStep' | 'peakBytes', numerator: Side, denominator: Side): number | undefined {
  return isMissing(numerator) || isMissing(denominator) ? undefined : numerator[name] / denominator[name];
}

function costOf({ secondsPerStep, imagesPerSecond, peakBytes }: Judged): Omit<Cost, 'quartiles'> {
  return { secondsPerStep, imagesPerSecond, peakBytes };
}

function withoutUndefined(values: { readonly [name: string]: number | undefined }): {
  readonly [name: string]: number;
} {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}
