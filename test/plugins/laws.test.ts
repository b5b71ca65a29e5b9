import { QuantizerTester } from '@ssql/core/testing';
import { uniform } from '../../packages/plugins/src/quantizer/uniform.js';

QuantizerTester.run(uniform, {
  valid: [{ options: {} }, { options: { symmetric: false } }, { options: { granularity: 'tensor' } }],
  invalid: [{ options: { granularity: 'no' }, code: 'OPTION_INVALID' }],
});
import { MethodTester } from '@ssql/core/testing';
import { simsiam } from '../../packages/plugins/src/method/simsiam.js';

MethodTester.run(simsiam, {
  valid: [{ options: { dim: 16, predictorHidden: 8 } }],
  invalid: [{ options: { dim: 0 }, code: 'OUT_OF_RANGE' }],
});
import { BackboneTester } from '@ssql/core/testing';
import { resnet18 } from '../../packages/plugins/src/backbone/resnet18.js';

BackboneTester.run(resnet18, {
  valid: [{ options: { width: 4 } }, { options: { width: 4, stem: 'cifar', blocks: [1, 1] }, input: [16, 16, 1] }],
  invalid: [
    { options: { width: 0 }, code: 'OUT_OF_RANGE' },
    { options: { stemStride: 2 }, code: 'OPTION_CONFLICT' },
  ],
});
