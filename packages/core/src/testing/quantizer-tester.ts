import { QUANTIZER_GRADIENT_LAWS } from './quantizer-gradient-laws.js';
import { QUANTIZER_TRAINED_LAWS } from './quantizer-trained-laws.js';
import { QUANTIZER_LAWS } from './quantizer-laws.js';
import type { QuantizerExtra } from './quantizer-subject.js';
import { defineTester, type Tester } from './tester.js';

/** Tests quantizers. A case may set `bits`, the supported widths, 2, 3, 4 and 8 by default, and `operand`, what it quantizes, weights by default. */
export const QuantizerTester: Tester<'quantizer', QuantizerExtra> = defineTester({
  kind: 'quantizer',
  laws: [...QUANTIZER_LAWS, ...QUANTIZER_GRADIENT_LAWS, ...QUANTIZER_TRAINED_LAWS],
  extras: ['bits', 'operand'],
  prepare: () => undefined,
});
