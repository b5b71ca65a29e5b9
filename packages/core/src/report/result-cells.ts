import type { Cell } from './data-table.js';
import { verdictOn, type PairedDifference } from './differences.js';
import { differenceNumber, summaryNumber, typeset } from './numbers.js';
import type { Summary } from './result-panels.js';

export function summaryCell(summary: Summary | undefined, percent: boolean): Cell | undefined {
  if (summary === undefined) return undefined;
  const { mean, deviation } = summary;
  return {
    text: typeset(summaryNumber(summary, percent)),
    value: mean,
    ...(deviation === undefined ? {} : { spread: deviation }),
  };
}

/** Muted if the interval contains zero. */
export function differenceCell(difference: PairedDifference | undefined, percent: boolean): Cell | undefined {
  if (difference === undefined) return undefined;
  const { mean, margin } = difference;
  return {
    text: typeset(differenceNumber(difference, percent)),
    value: mean,
    ...(margin === undefined ? {} : { spread: margin }),
    ...(verdictOn(difference) === 'unclear' ? { muted: true } : {}),
  };
}
