import { WrapperTester } from '@ssql/core/testing';
import { wrapper } from '../src/index.js';

WrapperTester.run(wrapper, {
  valid: [{ options: {} }, { options: { weight: 0.9 } }],
  invalid: [{ options: { weight: 2 }, code: 'OUT_OF_RANGE' }],
});
