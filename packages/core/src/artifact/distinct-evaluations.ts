import type { Evaluation } from '../kinds/run-record.js';

/** The evaluations of all stages. If a stage measured the same as an earlier stage of the same name, its name gets a number. */
export function distinctEvaluations(byStage: readonly (readonly Evaluation[])[]): Evaluation[] {
  const keys = new Set<string>();
  const result: Evaluation[] = [];
  for (const evaluations of byStage) {
    const numbered = (count: number): Evaluation[] =>
      evaluations.map((evaluation) =>
        count === 1 ? evaluation : { ...evaluation, stage: `${evaluation.stage} ${count}` },
      );
    let count = 1;
    while (numbered(count).some((evaluation) => keys.has(evaluationKey(evaluation)))) count += 1;
    numbered(count).forEach((evaluation) => keys.add(evaluationKey(evaluation)));
    result.push(...numbered(count));
  }
  return result;
}

/** Identifies an evaluation within a run. */
export function evaluationKey({ stage, precision, classifier, metric }: Omit<Evaluation, 'value'>): string {
  return JSON.stringify([stage, precision, classifier, metric]);
}
