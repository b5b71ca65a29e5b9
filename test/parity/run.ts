import { readdirSync } from 'node:fs';
import { findLibrary } from '@ssql/core/run';
import { openEngine } from '../../packages/core/src/engine/open-engine.js';
import { GOLDEN_FOLDER, isNear, type Measure } from '../golden/golden.js';
import { THREADS } from '../train/engines.js';
import type { ParityCase } from './parity-case.js';
import { casesOf } from './verifiers.js';

/** Measures everything that the golden folder holds. A line for each case; status 1 where one is beyond its tolerance. */
const wanted = process.argv.slice(2);
const engine = await openEngine({ use: findLibrary() ? 'tensorflow' : 'cpu', threads: THREADS });
console.log(`${engine.info.name} ${engine.info.version}, ${GOLDEN_FOLDER}`);
let passed = 0;
let failed = 0;
const files = readdirSync(GOLDEN_FOLDER).filter((file) => file.endsWith('.json'));
for (const file of files.sort()) {
  if (wanted.length > 0 && !wanted.some((part) => file.includes(part))) continue;
  for (const one of casesOf(file)) {
    const { ok, text } = await verdict(one, file);
    if (ok) passed++;
    else failed++;
    console.log(`${ok ? 'passed' : 'FAILED'}  ${file.replace('.json', '')}  ${one.name}: ${text}`);
    // Native buffers are freed between turns of the event loop only.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
engine.close();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

async function verdict(one: ParityCase, file: string): Promise<{ readonly ok: boolean; readonly text: string }> {
  if (file.endsWith('_r18.json') && engine.info.name !== 'tensorflow')
    return { ok: false, text: 'not run: it takes libtensorflow (`ssql engine install`)' };
  engine.tf.engine().startScope();
  try {
    const measures = await one.measure(engine);
    const far = measures.filter((measure) => !isNear(measure));
    if (measures.length === 0) return { ok: false, text: 'nothing was compared' };
    return { ok: far.length === 0, text: far.length > 0 ? far.map(describe).join('; ') : describe(worst(measures)) };
  } catch (error) {
    return { ok: false, text: error instanceof Error ? error.message : String(error) };
  } finally {
    engine.tf.engine().endScope();
  }
}

/** The largest error of all. */
function worst(measures: readonly Measure[]): Measure {
  return measures.reduce((most, one) => (one.error > most.error ? one : most));
}

function describe({ what, error, tolerance }: Measure): string {
  return `${error.toExponential(1)} (${what}; within ${tolerance.toExponential(0)})`;
}
