import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from '../../packages/core/src/engine/engine.js';
import { assertNear } from '../golden/golden.js';
import type { ParityCase } from './parity-case.js';

/** tfjs alone, for cases that need no engine's own operations. */
export const onTfjs = { tf } as unknown as Engine;

/** Within `describe`: a test for each case of a golden file. */
export function itIsOfficial(
  file: string,
  casesOf: (file: string) => readonly ParityCase[],
  engine: () => Engine,
  except: (name: string) => boolean = () => false,
): void {
  for (const { name, measure } of casesOf(file))
    if (!except(name))
      it(`${name} (golden ${file.replace('.json', '')})`, async () => assertNear(await measure(engine())));
}
