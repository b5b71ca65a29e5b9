import assert from 'node:assert/strict';
import type { PinnedSites } from '@ssql/core';
import { frozenBackbone, preparedImages } from '../../packages/core/src/evaluate/frozen-backbone.js';
import { frozenImages } from '../parity/inference.js';
import { onEngine } from '../train/engines.js';
import { MICRO_IMAGES, microComposition, microModel, trainedState } from '../train/micro.js';

onEngine('cpu', 'compiled steps of a frozen encoder', (engine) => {
  it('are those of the pins that are asked for', async () => {
    const model = microModel(await microComposition(engine(), {}));
    const state = trainedState(engine(), model);
    const frozen = { ...frozenImages(MICRO_IMAGES), engine: engine(), model, state };
    const backbone = frozenBackbone(frozen);
    const images = await preparedImages(backbone, frozen.dataset.test, Uint32Array.of(0, 1));
    const featuresAt = async (pins: PinnedSites): Promise<Float32Array> => {
      const [features] = await backbone.features(images, [{ precision: { weights: 4, activations: 'float' }, pins }]);
      const values = Float32Array.from(features!.dataSync());
      features!.dispose();
      return values;
    };
    const pinned = (bits: number): PinnedSites => ({
      weights: new Map([['layer2.0.conv1', bits]]),
      activations: new Map(),
    });
    const [unpinned, narrow, same] = [await featuresAt(pinned(4)), await featuresAt(pinned(2)), await featuresAt(pinned(4))]; // prettier-ignore
    assert.notDeepEqual(narrow, unpinned);
    assert.deepEqual(same, unpinned);
    backbone.dispose();
    engine().tf.dispose([images, state]);
  });
});
