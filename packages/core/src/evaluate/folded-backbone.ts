import { describe } from '../nn/describe.js';
import { foldBatchNorms } from '../nn/fold.js';
import { batchNormName, withBatchNorms } from '../train/batch-norms.js';
import { parameterName } from '../train/quantizer-parameters.js';
import { frozenBackbone, type Frozen, type FrozenBackbone } from './frozen-backbone.js';

/**
 * The backbone with batch norms folded into the layers before them. Tensors that quantizers trained for the original weights do not fit
 * the folded ones, so they are initialized again. The official code does not fold (golden README, "Which layers are quantized").
 */
export function foldedBackbone(frozen: Frozen): FrozenBackbone {
  const { engine, model, dataset, state } = frozen;
  const { network, tensors } = foldBatchNorms(model.backbone);
  const sets = [undefined, ...(model.quantization.batchNorms ?? []).map(({ choice }) => choice)];
  const folded = Object.fromEntries(
    sets.flatMap((choice) =>
      Object.entries(tensors(engine.tf, withBatchNorms(state, choice))).map(([name, tensor]) => [
        batchNormName(choice, name),
        tensor,
      ]),
    ),
  );
  const ofWeights = parameterName('weights', '', '').slice(0, -1);
  const others = Object.fromEntries(Object.entries(state).filter(([name]) => !name.startsWith(ofWeights)));
  const backbone = frozenBackbone({
    ...frozen,
    // Two images, because batch norm rejects a batch of one.
    model: { ...model, backbone: network, backboneDescription: describe(network, [2, ...dataset.shape]) },
    state: { ...others, ...folded },
  });
  return {
    ...backbone,
    dispose() {
      backbone.dispose();
      engine.tf.dispose(folded);
    },
  };
}
