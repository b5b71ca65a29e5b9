import { OptimizerTester } from '@ssql/core/testing';
import { optimizer } from '../src/index.js';

OptimizerTester.run(optimizer, {
  valid: [{ options: {} }, { options: { momentum: 0 } }],
  invalid: [{ options: { momentum: 2 }, code: 'OUT_OF_RANGE' }],
});
