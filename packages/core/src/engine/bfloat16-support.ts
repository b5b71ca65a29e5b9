import { readFileSync } from 'node:fs';
import type { EngineInfo } from './engine.js';

/** The instructions that multiply in bfloat16, as Linux names them in /proc/cpuinfo. */
const INSTRUCTIONS = ['avx512_bf16', 'amx_bf16', 'bf16'];

/**
 * Why training in bfloat16 is no faster than in float32 on this machine, with what to do; `undefined` if it is faster, or if that is
 * unknown.
 * @param readProcessors the text of /proc/cpuinfo; throws on other systems
 */
export function bfloat16Obstacle(
  { name, device }: Pick<EngineInfo, 'name' | 'device'>,
  readProcessors: () => string = () => readFileSync('/proc/cpuinfo', 'utf8'),
): string | undefined {
  const advice = 'Set `engine.precision: float32`.';
  if (name !== 'tensorflow')
    return `The ${name} engine computes in float32 only: it ignores \`engine.precision: bfloat16\`. ${advice}`;
  if (device === 'gpu') return undefined;
  const flags = processorFlags(readProcessors);
  return flags === undefined || INSTRUCTIONS.some((instruction) => flags.has(instruction))
    ? undefined
    : `This processor has no bfloat16 instructions (${INSTRUCTIONS.slice(0, 2).join(' or ')}): training in bfloat16 is slower than in float32. ${advice}`;
}

function processorFlags(readProcessors: () => string): ReadonlySet<string> | undefined {
  let text: string;
  try {
    text = readProcessors();
  } catch {
    return undefined; // not Linux
  }
  const [, flags] = /^(?:flags|Features)\s*:(.*)$/m.exec(text) ?? [];
  return flags === undefined ? undefined : new Set(flags.trim().split(/\s+/));
}
