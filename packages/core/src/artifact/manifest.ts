import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import type { EngineInfo } from '../engine/engine.js';

/** The content of a run's manifest, except for the machine. */
export interface RunFacts {
  readonly version: string;
  readonly engine: EngineInfo;
  readonly plugins: readonly { readonly name: string; readonly version: string }[];
  readonly data: { readonly name: string; readonly fingerprint: string };
  readonly seed: number;
  readonly cell: { readonly [path: string]: unknown };
  readonly label: string;
  /** The label without the seed. */
  readonly group: string;
  /** Whether training used quantization. */
  readonly quantized: boolean;
  readonly now: Date;
}

export interface Machine {
  readonly node: string;
  readonly os: string;
  readonly cpu: { readonly model: string; readonly threads: number };
  readonly memoryBytes: number;
}

/** The content of manifest.json. */
export function describeRun(
  { version, engine, plugins, data, seed, cell, label, group, quantized, now }: RunFacts,
  machine: Machine = thisMachine(),
): { readonly [key: string]: unknown } {
  const { node, os, cpu, memoryBytes } = machine;
  return {
    ssql: version,
    node,
    engine,
    plugins: Object.fromEntries(plugins.map((plugin) => [plugin.name, plugin.version])),
    data,
    seed,
    cell,
    label,
    group,
    quantized,
    machine: { os, cpu, memoryBytes },
    date: now.toISOString(),
  };
}

function thisMachine(): Machine {
  return {
    node: process.versions.node,
    os: `${platform()} ${release()} ${arch()}`,
    cpu: { model: cpus()[0]?.model.trim() ?? 'unknown', threads: availableParallelism() },
    memoryBytes: totalmem(),
  };
}
