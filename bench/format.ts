import type { Measurement, Result } from './bench.js';

/** How many times as good ours is as the peer's: above 1, ours is faster or smaller. */
interface Ratio {
  readonly imagesPerSecond: number;
  readonly peakBytes: number;
}

/** The result as a table for people. */
export function formatTable(result: Result): string {
  const compared = ratio(result);
  const rows = [
    ['', 's/step', 'images/s', 'peak memory'],
    ...measurementRow('ssql', result.ours),
    ...measurementRow('PyTorch', result.peer),
    ...(compared ? [['ratio', '', times(compared.imagesPerSecond), times(compared.peakBytes)]] : []),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => row.map((cell, column) => pad(cell, widths[column]!, column)).join('  '));
  if (result.peerMissing !== undefined) lines.push(`PyTorch was not measured: ${result.peerMissing}`);
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** The result as one JSON object; `about` says what was measured, and where. */
export function formatJson(about: Readonly<Record<string, unknown>>, result: Result): string {
  return JSON.stringify({ ...about, ...result, ratio: ratio(result) }, undefined, 2);
}

/** `undefined` unless both were measured. */
function ratio({ ours, peer }: Result): Ratio | undefined {
  if (!ours || !peer) return undefined;
  return {
    imagesPerSecond: ours.imagesPerSecond / peer.imagesPerSecond,
    peakBytes: peer.peakBytes / ours.peakBytes,
  };
}

function measurementRow(label: string, measurement: Measurement | undefined): string[][] {
  if (!measurement) return [];
  const { secondsPerStep, imagesPerSecond, peakBytes } = measurement;
  return [
    [label, secondsPerStep.toPrecision(3), imagesPerSecond.toFixed(1), `${(peakBytes / 2 ** 30).toFixed(2)} GiB`],
  ];
}

function times(factor: number): string {
  return `${factor.toFixed(2)}x`;
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
