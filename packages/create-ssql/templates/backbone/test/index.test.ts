import { BackboneTester } from '@ssql/core/testing';
import { backbone } from '../src/index.js';

BackboneTester.run(backbone, {
  valid: [
    { options: { width: 4 } },
    { options: { width: 4, convolutions: [1] } },
    { name: 'gray images', options: { width: 4, convolutions: [1, 2] }, input: [28, 28, 1] },
  ],
  invalid: [
    { options: { convolutions: [] }, code: 'OUT_OF_RANGE' },
    { options: { width: 0 }, code: 'OUT_OF_RANGE' },
    // Three max pools reduce a 6x6 image to nothing.
    { options: {}, input: [6, 6, 3], code: 'NETWORK_INVALID' },
  ],
});
