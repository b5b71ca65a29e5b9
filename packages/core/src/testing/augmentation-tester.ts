import { AUGMENTATION_LAWS } from './augmentation-laws.js';
import { prepared, type AugmentationExtra } from './augmentation-subject.js';
import { defineTester, type Tester } from './tester.js';

/** Tests augmentations. A case may set `input`, the shape of an image; [16, 20, 3] by default. */
export const AugmentationTester: Tester<'augmentation', AugmentationExtra> = defineTester({
  kind: 'augmentation',
  laws: AUGMENTATION_LAWS,
  extras: ['input'],
  prepare: (subject) => void prepared(subject),
});
