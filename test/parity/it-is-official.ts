import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from '../../packages/core/src/engine/engine.js';
import type { ParityCase } from './parity-case.js';
import { verdictOf } from './verdict.js';

/** tfjs alone, for cases that need no engine's own operations. */
export const onTfjs = { tf } as unknown as Engine;

/**
 * Within `describe`: a test of a golden file, which fails with a line for each case that is too far off or that says nothing. The file is
 * read when the test runs: loading tests reads nothing.
 */
export function itIsOfficial(
  file: string,
  casesOf: (file: string) => readonly ParityCase[],
  engine: () => Engine,
): void {
  it(`is official in all cases of golden ${file.replace('.json', '')}`, async function () {
    this.timeout(300_000);
    const cases = casesOf(file);
    assert.ok(cases.length > 0, `The golden file ${file} has no case.`);
    const lines: string[] = [];
    for (const parityCase of cases) {
      const { outcome, text } = await verdictOf(parityCase, engine());
      if (outcome === 'FAILED' || outcome === 'says nothing') lines.push(`${outcome}  ${parityCase.name}: ${text}`);
    }
    assert.equal(lines.join('\n'), '', `${lines.length} of ${cases.length} cases of ${file}:\n${lines.join('\n')}`);
  });
}
