import type { Engine } from '../../packages/core/src/engine/engine.js';
import { readGolden } from '../golden/golden.js';
import { nearest, type Way } from './float-noise.js';
import { trainOfficially, type GoldenInputs, type GoldenTraining } from './official-training.js';
import type { ParityCase } from './parity-case.js';
import { measureStep, type Deviation, type GoldenStep, type OurStep } from './step-measures.js';

/** What an `e_` file holds: training steps of an algorithm, one after the other (`steps`) or each from the start (`runs`). */
interface File extends GoldenTraining {
  readonly steps?: readonly Step[];
  readonly runs?: readonly (Step & { readonly deviation: Deviations<Deviation> })[];
  readonly deviation?: Deviations<readonly Deviation[]>;
}

type Step = GoldenStep & GoldenInputs;
type Deviations<T> = { readonly [how: string]: T };

/** The training steps of an algorithm, as far as the official code's own deviation allows; single ones tightly. */
export function trainingStepCases(file: string): readonly ParityCase[] {
  const golden = readGolden<File>(file);
  const { steps = [], runs = [], deviation = {} } = golden;
  // Steps in sequence are trained once in each way, and each case reads its own.
  const trained = new WeakMap<Engine['tf'], Map<string, Promise<readonly OurStep[]>>>();
  const sequence = (engine: Engine, { name, factor }: Way): Promise<readonly OurStep[]> => {
    const known = trained.get(engine.tf) ?? new Map<string, Promise<readonly OurStep[]>>();
    trained.set(engine.tf, known);
    if (!known.has(name)) known.set(name, trainOfficially(engine, golden, steps, factor));
    return known.get(name)!;
  };
  return [
    ...steps.map((step, index) => ({
      name: `step ${index + 1} ${precisionOf(step)}`.trimEnd(),
      measure: (engine: Engine) =>
        nearest(engine, async (engine, way) => {
          const ours = (await sequence(engine, way))[index]!;
          return measureStep(ours, step, {
            keys: { before: golden.batch * index, own: golden.batch },
            stated: float32(deviation).map((one) => one[index]!),
            factor: 10,
          });
        }),
    })),
    ...runs.map((run) => ({
      name: precisionOf(run),
      measure: (engine: Engine) =>
        nearest(engine, async (engine, { factor }) => {
          const [ours] = await trainOfficially(engine, golden, [run], factor);
          return measureStep(ours!, run, {
            keys: { before: 0, own: golden.batch },
            stated: float32(run.deviation),
            factor: 3,
          });
        }),
    })),
  ];
}

function precisionOf({ w_bit, a_bit }: Step): string {
  return w_bit === undefined ? '' : `w${w_bit}a${a_bit}`;
}

/** The deviations in float32: float64 breaks the ties of the quantizer (golden README). */
function float32<T>(deviations: Deviations<T>): readonly T[] {
  return Object.entries(deviations).flatMap(([how, one]) => (how === 'float64' ? [] : [one]));
}
