import { align } from './align.js';
import type { BenchOptions, Comparison, Measurement, Report } from './bench.js';

/** What two measurements say, for people and for machines. */
export function report({ batch, steps, threads }: BenchOptions, result: Comparison): Report {
  const { ours, peer, peerMissing } = result;
  const compared = ratios(result);
  return {
    ok: ours !== undefined || peer !== undefined,
    text: table(result),
    json: {
      batch,
      steps,
      threads,
      ...ours,
      ...(peer && { peer }),
      ...(peerMissing !== undefined && { peerMissing }),
      ...(compared && { ratio: compared.speed, memoryRatio: compared.memory }),
    },
  };
}

/** How many times as good ours is as the peer's: above 1, ours is faster or smaller. */
interface Ratios {
  readonly speed: number;
  readonly memory: number;
}

/** `undefined` unless both were measured. */
function ratios({ ours, peer }: Comparison): Ratios | undefined {
  if (!ours || !peer) return undefined;
  return { speed: ours.imagesPerSecond / peer.imagesPerSecond, memory: peer.peakBytes / ours.peakBytes };
}

function table(result: Comparison): string {
  const compared = ratios(result);
  const rows = [
    ['', 's/step', 'images/s', 'peak memory'],
    ...measurementRow('ssql', result.ours),
    ...measurementRow('PyTorch', result.peer),
    ...(compared ? [['ratio', '', times(compared.speed), times(compared.memory)]] : []),
  ];
  if (result.peerMissing === undefined) return align(rows);
  return `${align(rows)}\nPyTorch was not measured: ${result.peerMissing}`;
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
