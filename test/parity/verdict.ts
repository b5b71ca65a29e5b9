import type { Engine } from '../../packages/core/src/engine/engine.js';
import { isEvidence, isNear, saysNothing, type Measure } from '../golden/golden.js';
import type { ParityCase } from './parity-case.js';

/** What comes of a case. */
export type Outcome = 'passed' | 'says nothing' | 'not ours' | 'FAILED';

export interface Verdict {
  readonly outcome: Outcome;
  /** Passed, and only in an attempt after the first. */
  readonly retried: boolean;
  /** What was compared and how near it is; of a failed case, all that is too far. */
  readonly text: string;
}

const NOT_OURS = /^not ours: /;

/** Measures a case. What it throws, it fails by. */
export async function verdictOf({ measure }: Pick<ParityCase, 'measure'>, engine: Engine): Promise<Verdict> {
  engine.tf.engine().startScope();
  try {
    return judge(await measure(engine));
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  } finally {
    engine.tf.engine().endScope();
    // Native buffers are freed between turns of the event loop only.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A case is passed by what says something: neither by coarse facts alone, nor by measures whose allowance is half the value or more. */
export function judge(measures: readonly Measure[]): Verdict {
  if (measures.length === 0) return failed('nothing was compared');
  const far = measures.filter((measure) => !isNear(measure));
  if (far.length > 0) return failed(far.map(describe).join('; '));

  const foreign = measures.find(({ what }) => NOT_OURS.test(what));
  if (foreign) return { outcome: 'not ours', retried: false, text: foreign.what.replace(NOT_OURS, '') };

  const silent = measures.filter(saysNothing).length;
  const silence = silent > 0 ? [`${silent} of ${measures.length} measures say nothing`] : [];
  const evidence = measures.filter(isEvidence);
  if (evidence.length === 0)
    return { outcome: 'says nothing', retried: false, text: [describe(worst(measures)), ...silence].join(', ') };

  const attempt = measures.find((measure) => measure.attempt !== undefined)?.attempt;
  const text = [describe(worst(evidence)), ...silence, ...(attempt === undefined ? [] : [`only ${attempt}`])].join(
    ', ',
  );
  return { outcome: 'passed', retried: attempt !== undefined, text };
}

/** Counts verdicts: `397 passed (19 only with other kernels or images an ulp away), 12 say nothing, 9 not ours, 0 failed`. */
export function summaryOf(verdicts: readonly Verdict[]): string {
  const count = (outcome: Outcome): number => verdicts.filter((verdict) => verdict.outcome === outcome).length;
  const retried = verdicts.filter((verdict) => verdict.retried).length;
  return [
    `${count('passed')} passed${retried > 0 ? ` (${retried} only with other kernels or images an ulp away)` : ''}`,
    `${count('says nothing')} say nothing`,
    `${count('not ours')} not ours`,
    `${count('FAILED')} failed`,
  ].join(', ');
}

function failed(text: string): Verdict {
  return { outcome: 'FAILED', retried: false, text };
}

/** The measure nearest to its tolerance. */
function worst(measures: readonly Measure[]): Measure {
  const share = ({ error, tolerance }: Measure): number => (tolerance > 0 ? error / tolerance : 0);
  return measures.reduce((most, measure) => (share(measure) > share(most) ? measure : most));
}

function describe({ what, error, tolerance }: Measure): string {
  return `${error.toExponential(1)} (${what}; within ${tolerance.toExponential(0)})`;
}
