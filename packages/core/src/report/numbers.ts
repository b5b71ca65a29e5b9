import type { PairedDifference } from './differences.js';
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
  return signed(Number(ours.toFixed(digits)) - Number(theirs.toFixed(digits)), digits);
}

/** `+3.80 ±2.66`, or `+3.80` for one pair. Hundredths of a point, so that rounding does not move a bound of the interval to zero. */
export function differenceNumber({ mean, margin }: PairedDifference, percent: boolean): string {
  const digits = percent ? 2 : 4;
  return margin === undefined ? signed(mean, digits) : `${signed(mean, digits)} ±${margin.toFixed(digits)}`;
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

function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return (value > 0 ? '+' : '-') + text;
}
