import type { Evaluation } from '../kinds/run-record.js';

/** What stages found. Where a later stage of one name measured the same as an earlier one, its name is numbered. */
export function distinctEvaluations(byStage: readonly (readonly Evaluation[])[]): Evaluation[] {
  const keys = new Set<string>();
  const result: Evaluation[] = [];
  for (const evaluations of byStage) {
    const numbered = (count: number): Evaluation[] =>
      evaluations.map((one) => (count === 1 ? one : { ...one, stage: `${one.stage} ${count}` }));
    let count = 1;
    while (numbered(count).some((one) => keys.has(evaluationKey(one)))) count += 1;
    numbered(count).forEach((one) => keys.add(evaluationKey(one)));
    result.push(...numbered(count));
  }
  return result;
}

/** What tells an evaluation of a run from others. */
export function evaluationKey({ stage, precision, classifier, metric }: Evaluation): string {
  return JSON.stringify([stage, precision, classifier, metric]);
}
