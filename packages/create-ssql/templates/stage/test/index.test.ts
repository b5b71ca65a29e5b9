import { StageTester } from '@ssql/core/testing';
import { stage } from '../src/index.js';

StageTester.run(stage, {
  valid: [{ options: { precisions: ['float', 'w4a4'] } }],
  invalid: [
    { options: {}, code: 'MISSING_KEY' },
    { options: { precisions: [] }, code: 'OUT_OF_RANGE' },
  ],
});
