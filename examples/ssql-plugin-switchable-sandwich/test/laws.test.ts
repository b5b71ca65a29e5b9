import { describe, it } from 'node:test';
import { WrapperTester } from '@ssql/core/testing';
import { switchableSandwich } from '../src/index.js';

WrapperTester.run(
  switchableSandwich,
  {
    valid: [{ options: {} }, { options: { random: 0 } }, { options: { random: 2 } }],
    invalid: [
      { options: { random: -1 }, code: 'OUT_OF_RANGE' },
      { options: { rnd: 1 }, code: 'UNKNOWN_KEY' },
    ],
  },
  { describe, it },
);
