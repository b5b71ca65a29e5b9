import { workOf } from './arithmetic.js';
import { isMissing, type Bench, type BenchOptions, type Precision } from './bench.js';
import { costOfStep } from './cost.js';
import { measureInTurn } from './in-turn.js';
import { measureJudged, type Counted } from './judged.js';
import { oursSide } from './ours.js';
import { peerSide, preparePeer, type PeerMode } from './peer.js';
import type { Trained } from './recipe.js';
import { stepReport } from './step-report.js';

const TRAINED: Trained = { network: 'resnet18', wrapper: 'ssql' };

/**
 * Our training step beside PyTorch's. Both do the same arithmetic; ours makes the views too, which PyTorch's side gets ready-made. Sides
 * of one precision take turns: all sides at once would need too much memory.
 */
export const stepBench: Bench = {
  summary: 'a training step of SSQL-SimSiam, ResNet-18 and the CIFAR-10 recipe, beside PyTorch',
  steps: 20,
  async run(options) {
    const peer = await preparePeer(options);
    const work = await workOf(TRAINED);
    const ours = (precision: Precision): Counted => ({ side: oursSide({ ...TRAINED, ...options, precision }), work });
    const theirs = (mode: PeerMode): Counted => ({ side: peerSide(peer, mode, options), work });
    const float32 = await measureJudged(
      options,
      { peer, precision: 'float32' },
      { ours: ours('float32'), eager: theirs('eager'), compiled: theirs('compiled') },
    );
    const bfloat16 = await measureJudged(
      options,
      { peer, precision: 'bfloat16' },
      { ours: ours('bfloat16'), autocast: theirs('autocast') },
    );
    const augmentationSeconds = await measureAugmentation(options);
    return stepReport(options, { work, float32, bfloat16, augmentationSeconds });
  },
};

/** Seconds per step of reading images and making views: the recipe with a network that costs nothing. */
async function measureAugmentation(options: BenchOptions): Promise<number> {
  options.log('augmentation alone');
  const side = oursSide({ ...options, network: 'mean-of-pixels', wrapper: 'none' });
  const { alone } = await measureInTurn({ alone: side });
  if (isMissing(alone)) throw new Error(`The augmentation was not measured: ${alone.missing}`);
  return costOfStep(alone, options.batch).secondsPerStep;
}
