// Runs the official steps of a golden file in a process of their own, and prints how far they are off: file, factor on the images.
import { openEngine } from '../../packages/core/src/engine/open-engine.js';
import { THREADS } from './engines.js';
import { runGoldenSteps } from './golden-steps.js';

const [file = '', factor = '1'] = process.argv.slice(2);
const engine = await openEngine({ use: 'tensorflow', threads: THREADS });
process.stdout.write(JSON.stringify(await runGoldenSteps(engine, file, Number(factor))));
engine.close();
