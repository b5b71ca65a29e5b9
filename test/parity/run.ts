import { findLibrary } from '@ssql/core/run';
import { openEngine } from '../../packages/core/src/engine/open-engine.js';
import { GOLDEN_FOLDER, goldenFiles } from '../golden/golden.js';
import { THREADS } from '../train/engines.js';
import { summaryOf, verdictOf, type Verdict } from './verdict.js';
import { casesOf } from './verifiers.js';

/** Measures everything that the golden folder holds. A line for each case; status 1 where one fails, or where there is none. */
const wanted = process.argv.slice(2);
const engine = await openEngine({ use: findLibrary() ? 'tensorflow' : 'cpu', threads: THREADS });
console.log(`${engine.info.name} ${engine.info.version}, ${GOLDEN_FOLDER}`);
const verdicts: Verdict[] = [];
const runsHere = (file: string): boolean => engine.info.name === 'tensorflow' || !file.endsWith('_r18.json');
const NOT_RUN: Verdict = {
  outcome: 'FAILED',
  retried: false,
  text: 'not run: it needs libtensorflow. Run `ssql engine install`',
};
for (const file of goldenFiles()) {
  if (wanted.length > 0 && !wanted.some((part) => file.includes(part))) continue;
  for (const parityCase of casesOf(file)) {
    const verdict = runsHere(file) ? await verdictOf(parityCase, engine) : NOT_RUN;
    verdicts.push(verdict);
    console.log(`${verdict.outcome}  ${file.replace('.json', '')}  ${parityCase.name}: ${verdict.text}`);
  }
}
engine.close();
console.log(summaryOf(verdicts));
process.exitCode = verdicts.length === 0 || verdicts.some(({ outcome }) => outcome === 'FAILED') ? 1 : 0;
