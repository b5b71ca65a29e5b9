import type { Evaluation } from '../kinds/run-record.js';
import { printable } from '../printable.js';
import { plainNumber, significant } from '../report/numbers.js';

/** The evaluations of a run in few lines: a paragraph for each stage, classifier and metric, with all precisions. */
export function formatEvaluations(evaluations: readonly Evaluation[], columns: number): string {
  const groups = new Map<string, string[]>();
  for (const { stage, classifier, metric, precision, value } of evaluations) {
    const what = printable([stage, classifier, ...(metric === 'accuracy' ? [] : [metric])].join(' '));
    const figure = metric === 'accuracy' ? plainNumber(value) : significant(value);
    groups.set(what, [...(groups.get(what) ?? []), `${precision} ${figure}`]);
  }
  return [...groups].map(([what, figures]) => paragraph(`    ${what}:`, figures, columns)).join('');
}

function paragraph(first: string, words: readonly string[], columns: number): string {
  const lines = [first];
  for (const word of words) {
    const longer = `${lines.at(-1)}  ${word}`;
    if (longer.length <= columns) lines[lines.length - 1] = longer;
    else lines.push(`${' '.repeat(6)}${word}`);
  }
  return `${lines.join('\n')}\n`;
}
