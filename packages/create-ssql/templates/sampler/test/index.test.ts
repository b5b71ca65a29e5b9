import { SamplerTester } from '@ssql/core/testing';
import { sampler } from '../src/index.js';

SamplerTester.run(sampler, {
  valid: [{ options: {} }, { options: { draws: 1 }, sets: { weights: [2, 4], activations: [8] } }],
  invalid: [{ options: { draws: 0 }, code: 'OUT_OF_RANGE' }],
});
