import type { Evaluation, MonitorMetrics, StepMetrics } from '@ssql/core';

/** Values by the names that their charts get. */
export interface LoggedValues {
  readonly [name: string]: number;
}

export function valuesOfStep(metrics: StepMetrics): LoggedValues {
  const { loss, parts, learningRate, featureStd, imagesPerSecond } = metrics;
  return { loss, ...parts, learningRate, featureStd, imagesPerSecond };
}

export function valuesOfStages(evaluations: readonly Evaluation[]): LoggedValues {
  return Object.fromEntries(
    evaluations.map(({ stage, metric, classifier, precision, value }) => [
      [stage, metric, classifier, precision].join('/'),
      value,
    ]),
  );
}

export function valuesOfMonitor({ evaluations }: MonitorMetrics): LoggedValues {
  const names = evaluations.map(({ stage, precision, metric }) => ['monitor', stage, precision, metric].join('/'));
  const named = evaluations.map(({ classifier, value }, index) => {
    const name = names[index]!;
    // The classifier is added only if names are otherwise equal.
    const shared = names.indexOf(name) !== names.lastIndexOf(name);
    return [shared ? `${name}/${classifier}` : name, value] as const;
  });
  return Object.fromEntries(named);
}
