import { QuantizerTester } from '@ssql/core/testing';
import { uniform } from '../../packages/plugins/src/quantizer/uniform.js';

QuantizerTester.run(uniform, {
  valid: [{ options: {} }, { options: { symmetric: false } }, { options: { granularity: 'tensor' } }],
  invalid: [{ options: { granularity: 'no' }, code: 'OPTION_INVALID' }],
});
