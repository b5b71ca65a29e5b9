import type { Summary } from './result-panels.js';

/** One decimal: the resolution of an accuracy on ten thousand images. */
export function plainNumber(value: number): string {
  return value.toFixed(1);
}

/** `95.0`, or `95.0 ±0.3` over several seeds; numbers that are not percentages have three significant digits. */
export function summaryNumber({ mean, deviation }: Summary, percent: boolean): string {
  const write = percent ? plainNumber : significant;
  return deviation === undefined ? write(mean) : `${write(mean)} ±${write(deviation)}`;
}

/** The difference of two numbers as they are shown, with its sign: `+9.5`, `-0.3`, `0.0`. */
export function signedDifference(ours: number, theirs: number, digits = 1): string {
  const difference = Number(ours.toFixed(digits)) - Number(theirs.toFixed(digits));
  const text = Math.abs(difference).toFixed(digits);
  if (Number(text) === 0) return text;
  return (difference > 0 ? '+' : '-') + text;
}

/** Three significant digits, for losses and deviations. */
export function significant(value: number): string {
  const text = value.toPrecision(3);
  return text.includes('e') ? String(Number(text)) : text;
}

/** With a true minus sign, for the page; terminals may lack the character. */
export function typeset(number: string): string {
  return number.replace('-', '−');
}
