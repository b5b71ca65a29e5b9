import { parse } from 'yaml';
import type { StepMetrics } from '../../kinds/run-record.js';
import { groupBy } from '../group-by.js';
import type { Markup } from '../html.js';
import type { RunGroup } from '../run-groups.js';
import { curveFigure, mean, type Curve, type CurvePanel } from './curves.js';

/** Points per curve. */
const POINTS = 120;

/** The parts of the loss and the standard deviation of the features over training. Losses of different methods have axes of their own. */
export async function trainingFigures(groups: readonly RunGroup[]): Promise<readonly Markup[]> {
  const metrics = groups.flatMap(({ runs }) => runs.flatMap((run) => run.metrics));
  if (metrics.length === 0) return [];
  const parts = [...new Set(metrics.flatMap((step) => Object.keys(step.parts)))];
  const losses = parts.map((part) => ({
    title: `Loss, ${part} part`,
    note:
      part === 'quantized'
        ? 'Noisier, because each step draws its precision.'
        : 'Mean over the steps between two points.',
    quantity: 'loss',
    panels: panels(groups, (step) => step.parts[part]),
  }));
  const total = {
    title: 'Loss',
    note: 'Mean over the steps between two points.',
    quantity: 'loss',
    panels: panels(groups, (step) => step.loss),
  };
  const deviation = {
    title: 'Standard deviation of features',
    note: 'Of the unit-length float features: near 0 means collapse.',
    quantity: 'standard deviation',
    panels: panels(groups, (step) => step.featureStd),
    sharedScale: true,
  };
  return Promise.all([...(parts.length > 0 ? losses : [total]), deviation].map(curveFigure));
}

function panels(
  groups: readonly RunGroup[],
  read: (metrics: StepMetrics) => number | undefined,
): readonly CurvePanel[] {
  const curves = groups
    .map((group) => ({ group, points: thin(group, read) }))
    .filter(({ points }) => points.length > 0);
  const split = groupBy(curves, ({ group }) => JSON.stringify([group.panel, methodOf(group)]));
  return [...split.values()].map((members) => {
    const [{ group }] = members as [Curve]; // a member of `split` is not empty
    const whole = curves.filter((other) => other.group.panel === group.panel).length === members.length;
    return { title: whole ? group.panel : members.map((member) => member.group.label).join(', '), curves: members };
  });
}

function methodOf({ runs: [run] }: RunGroup): string {
  const { method } = parse(run?.pipeline ?? '') as { readonly method?: { readonly use?: unknown } };
  return String(method?.use);
}

/** Means over equal intervals of steps and over the seeds. */
function thin({ runs }: RunGroup, read: (metrics: StepMetrics) => number | undefined): Curve['points'] {
  const steps = runs.flatMap(({ metrics }) =>
    metrics.map((step) => ({ epoch: fractionalEpoch(step, metrics), value: read(step) })),
  );
  const known = steps.flatMap(({ epoch, value }) =>
    value !== undefined && Number.isFinite(value) ? [{ epoch, value }] : [],
  );
  const end = known.reduce((largest, { epoch }) => Math.max(largest, epoch), 0) || 1;
  const stretches = groupBy(known, ({ epoch }) => Math.min(POINTS - 1, Math.floor((epoch / end) * POINTS)));
  return [...stretches.entries()]
    .toSorted(([a], [b]) => a - b)
    .map(([, members]) => ({
      epoch: mean(members.map(({ epoch }) => epoch)),
      value: mean(members.map(({ value }) => value)),
    }));
}

/** A step's position in epochs: 1.5 in the middle of the second epoch. */
function fractionalEpoch({ step, epoch }: StepMetrics, metrics: readonly StepMetrics[]): number {
  const last = metrics.at(-1);
  return last === undefined || last.step <= 0 ? epoch : (step / last.step) * Math.max(last.epoch, 1);
}
