import assert from 'node:assert/strict';
import type { Engine, Tensors } from '@ssql/core';
import { onEngines } from '../train/engines.js';

onEngines('random operations of tfjs', (engine) => {
  const uses: { readonly [name: string]: (tf: Engine['tf']) => void } = {
    randomUniform: (tf) => tf.randomUniform([2]),
    randomNormal: (tf) => tf.randomNormal([2]),
    truncatedNormal: (tf) => tf.truncatedNormal([2]),
    dropout: (tf) => tf.dropout(tf.ones([2]), 0.5),
  };

  for (const [name, use] of Object.entries(uses))
    it(`${name} is an error within a step, and works elsewhere`, () => {
      const { tf, compile } = engine();
      const state: Tensors = { x: tf.ones([2]) };
      const outcome = () => {
        const step = compile((before: Tensors) => (use(tf), { state: before, outputs: {} }), state, {});
        try {
          return step.run(state, {});
        } finally {
          step.dispose();
        }
      };
      assert.throws(outcome, { code: 'ENGINE_RANDOM_OPERATION', message: new RegExp(`tf\\.${name}`) });
      tf.tidy(() => use(tf)); // the step has ended
      state['x']!.dispose();
    });
});
