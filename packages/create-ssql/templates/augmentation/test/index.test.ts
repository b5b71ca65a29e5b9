import { AugmentationTester } from '@ssql/core/testing';
import { augmentation } from '../src/index.js';

AugmentationTester.run(augmentation, {
  valid: [{ options: {} }, { options: { p: 1 }, input: [7, 9, 1] }],
  invalid: [{ options: { p: 2 }, code: 'OUT_OF_RANGE' }],
});
