import { describe, it } from 'node:test';
import { QuantizerTester } from '@ssql/core/testing';
import { apot } from '../src/index.js';

QuantizerTester.run(
  apot,
  {
    valid: [
      { options: {} },
      { options: { granularity: 'tensor' } },
      { options: { signed: false, granularity: 'tensor' } },
      { options: { clip: 'learned' } },
      { options: { signed: false, granularity: 'tensor', clip: 'learned' } },
      { name: 'every width up to 8', options: {}, bits: [2, 3, 4, 5, 6, 7, 8] },
    ],
    invalid: [
      { options: { clip: 'learnt' }, code: 'OPTION_INVALID' },
      { options: { granularity: 'layer' }, code: 'OPTION_INVALID' },
      { options: { signed: 1 }, code: 'WRONG_TYPE' },
      { options: { k: 2 }, code: 'UNKNOWN_KEY' },
    ],
  },
  { describe, it },
);
