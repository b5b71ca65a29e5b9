import { BACKBONE_LAWS } from './backbone-laws.js';
import { backboneDescription, type BackboneExtra } from './backbone-subject.js';
import { defineTester, type Tester } from './tester.js';

/** Tests backbones. A case may set `input`, the shape of an image; [32, 32, 3] by default. */
export const BackboneTester: Tester<'backbone', BackboneExtra> = defineTester({
  kind: 'backbone',
  laws: BACKBONE_LAWS,
  extras: ['input'],
  prepare: (subject) => void backboneDescription(subject),
});
