import type { Evaluation } from '../kinds/run-record.js';
import type { Progress } from './progress.js';

/** The name of the phase of a stage. */
export function stagePhase(stage: string): string {
  return `${STAGE_PHASE}${stage}`;
}

const STAGE_PHASE = 'stage ';

/** The stages of a pipeline, each with the fingerprint of everything that it depends on. */
export interface StageFingerprints {
  readonly [stage: string]: string;
}

/** Whether a run has the results of a stage, also from when its pipeline had the stage before. */
export function isStageFinished({ phases, earlier = {} }: Progress, stage: string, fingerprint: string): boolean {
  return phases[stagePhase(stage)] === fingerprint || Object.hasOwn(earlier, fingerprint);
}

/**
 * Makes the results of these stages the current ones. Results of other finished stages are set aside, and those of these stages that were
 * set aside return. Only what an unfinished stage recorded is dropped.
 */
export function arrangeStages(progress: Progress, wanted: StageFingerprints): Progress {
  const phases = Object.entries(progress.phases);
  const training = phases.filter(([phase]) => !phase.startsWith(STAGE_PHASE));
  const results = new Map(Object.entries(progress.earlier ?? {}));
  const current = new Map<string, string>();
  for (const [phase, fingerprint] of phases) {
    if (!phase.startsWith(STAGE_PHASE)) continue;
    const stage = phase.slice(STAGE_PHASE.length);
    results.set(fingerprint, progress.evaluations[stage] ?? []);
    if (wanted[stage] === fingerprint) current.set(stage, fingerprint);
  }
  for (const [stage, fingerprint] of Object.entries(wanted))
    if (results.has(fingerprint)) current.set(stage, fingerprint);
  const evaluations = [...current].map(([stage, fingerprint]) => [stage, results.get(fingerprint)!] as const);
  for (const fingerprint of current.values()) results.delete(fingerprint);
  const { earlier: _, ...rest } = progress;
  return {
    ...rest,
    phases: Object.fromEntries([...training, ...[...current].map(([stage, print]) => [stagePhase(stage), print])]),
    evaluations: Object.fromEntries(evaluations),
    ...(results.size > 0 && { earlier: Object.fromEntries(results) }),
  };
}

/** Results in evaluation.json: those that were set aside are marked. */
export type StoredEvaluation = Evaluation & { readonly earlier?: true };

/** The results that were set aside, marked. */
export function earlierEvaluations({ earlier = {} }: Progress): readonly StoredEvaluation[] {
  return Object.values(earlier)
    .flat()
    .map((evaluation) => ({ ...evaluation, earlier: true }));
}
