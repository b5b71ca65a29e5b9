import { blockCases } from '../parity/blocks.js';
import { itIsOfficial } from '../parity/it-is-official.js';
import { onEngines } from '../train/engines.js';

onEngines('quantized layers', (engine) => itIsOfficial('h_blocks.json', blockCases, engine));
