import type { ParityCase } from './parity-case.js';
import { unmatched } from './parity-case.js';
import { augmentationCases } from './augmentations.js';
import { blockCases } from './blocks.js';
import { inferenceCases } from './inference.js';
import { lossCases } from './losses.js';
import { observerCases } from './observers.js';
import { quantizerCases } from './quantizers.js';
import { recipeCases } from './recipe-check.js';
import { trainingStepCases } from './training-steps.js';
import { uniformActivationCases, uniformOtherCases, uniformWeightCases } from './uniform.js';

/** How the cases of a golden file are read, by its name. A file of a new kind is entered here; until then it fails, with that reason. */
const VERIFIERS: readonly (readonly [name: RegExp, cases: (file: string) => readonly ParityCase[]])[] = [
  [/^recipe_check/, recipeCases],
  [/^a_uniform_weight/, uniformWeightCases],
  [/^a_uniform_activation/, uniformActivationCases],
  [/^a_uniform_other/, uniformOtherCases],
  [/^b_observers/, observerCases],
  [/^c_quantizers/, quantizerCases],
  [/^d_/, lossCases],
  [/^f_/, inferenceCases],
  [/^g_/, augmentationCases],
  [/^h_/, blockCases],
  [/^e_/, trainingStepCases],
];

export function casesOf(file: string): readonly ParityCase[] {
  const found = VERIFIERS.find(([name]) => name.test(file));
  return found ? found[1](file) : [unmatched('all', 'no verifier reads this file yet')];
}
