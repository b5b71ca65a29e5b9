import { describe, it } from 'node:test';
import { MethodTester } from '@ssql/core/testing';
import { vicreg } from '../src/index.js';

MethodTester.run(
  vicreg,
  {
    valid: [{ options: { dim: 8 } }, { options: { dim: 8, invariance: 10, variance: 1, covariance: 0.1 } }],
    invalid: [
      { options: { dim: 0 }, code: 'OUT_OF_RANGE' },
      { options: { invariance: -1 }, code: 'OUT_OF_RANGE' },
      { options: { variance: 'much' }, code: 'WRONG_TYPE' },
      { options: { lambda: 25 }, code: 'UNKNOWN_KEY' },
    ],
  },
  { describe, it },
);
