import assert from 'node:assert/strict';
import type { PipelineErrors, SsqlError } from '../../packages/core/src/errors.js';
import { pinSites } from '../../packages/core/src/quantization/pins.js';

const SITES = {
  weightSites: ['conv1', 'layer1.0.conv1', 'layer1.0.conv2', 'projector.0'],
  outputSites: ['conv1', 'layer1.0.conv1', 'layer1.0.conv2', 'layer1.0', 'projector.0'],
};
const nowhere = (): undefined => undefined;

describe('pins', () => {
  it('find the sites of their operands; the last one counts', () => {
    const { weights, activations } = pinSites(
      {
        '*': { weights: 4 },
        conv1: { weights: 8, activations: 8 },
        'layer*.*.conv2': { activations: 'float' },
        'layer*.0': { activations: 5 },
      },
      SITES,
      nowhere,
    );
    assert.deepEqual(Object.fromEntries(weights), {
      conv1: 8,
      'layer1.0.conv1': 4,
      'layer1.0.conv2': 4,
      'projector.0': 4,
    });
    assert.deepEqual(Object.fromEntries(activations), { conv1: 8, 'layer1.0.conv2': 'float', 'layer1.0': 5 });
  });

  it('are all reported if they match nothing', () => {
    const pins = { conv9: { weights: 8, activations: 8 }, conv1: { weights: 8 }, head: { activations: 4 } } as const;
    assert.throws(
      () => pinSites(pins, SITES, nowhere),
      (error: PipelineErrors) => error.errors.length === 2 && /`conv9`[^]*`head`/.test(error.message),
    );
  });

  it('must match a site of each operand that they pin, and the nearest name is suggested', () => {
    const location = { file: 'a.yaml', line: 3, column: 5, frame: '' };
    assert.throws(
      () => pinSites({ 'projektor.0': { weights: 8 } }, SITES, () => location),
      (error: unknown) => {
        const [{ code, details }] = (error as PipelineErrors).errors as [SsqlError];
        assert.deepEqual(
          [code, details.hint, details.location],
          ['PIN_UNMATCHED', 'Did you mean `projector.0`?', location],
        );
        return true;
      },
    );
    // A block's output is no layer: it has no weights.
    assert.throws(
      () => pinSites({ 'layer1.0': { weights: 8 } }, SITES, nowhere),
      /`layer1.0` matches no quantization site of weights/,
    );
  });
});
