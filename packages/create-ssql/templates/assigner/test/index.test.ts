import { AssignerTester } from '@ssql/core/testing';
import { assigner } from '../src/index.js';

AssignerTester.run(assigner, {
  valid: [{ options: {} }],
  invalid: [{ options: { budget: 'size' }, code: 'UNKNOWN_KEY' }],
});
