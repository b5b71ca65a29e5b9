import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { augmentationMutations } from './augmentation.js';
import { evaluationMutations } from './evaluation.js';
import { lossMutations } from './losses.js';
import type { Mutation } from './mutation.js';
import { pluginMutations } from './plugins.js';
import { quantizationMutations } from './quantization.js';
import { trainingMutations } from './training.js';

export const MUTATIONS: readonly Mutation[] = [
  ...trainingMutations,
  ...quantizationMutations,
  ...augmentationMutations,
  ...lossMutations,
  ...evaluationMutations,
  ...pluginMutations,
];

/** Why mutations cannot be applied to the sources in a folder. */
export function problemsOf(folder: string): string[] {
  const repeated = MUTATIONS.filter(({ name }, index) => MUTATIONS.findIndex((other) => other.name === name) < index);
  return [
    ...MUTATIONS.flatMap((mutation) => problemOf(folder, mutation) ?? []),
    ...repeated.map(({ name }) => `${name}: two mutations have this name.`),
  ];
}

function problemOf(folder: string, { name, file, text, replacement, tests }: Mutation): string | undefined {
  const [path, missing] = [join(folder, file), tests.find((test) => !existsSync(testFile(folder, test)))];
  if (!existsSync(path)) return `${name}: ${file} does not exist. Update the mutation.`;
  if (missing !== undefined) return `${name}: the test ${missing} does not exist. Update the mutation.`;
  const count = readFileSync(path, 'utf8').split(text).length - 1;
  if (count !== 1) return `${name}: its text occurs ${count} times in ${file}, not once. Update the mutation.`;
  return text === replacement ? `${name}: it changes nothing.` : undefined;
}

function testFile(folder: string, test: string): string {
  return join(folder, 'test', `${test.replace(/ > .*/, '')}.test.ts`);
}
