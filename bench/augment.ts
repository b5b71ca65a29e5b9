import { join } from 'node:path';
import { align } from './align.js';
import { isMissing, type Bench, type Missing } from './bench.js';
import { measureInTurn, type Side } from './in-turn.js';
import { oursSide } from './ours.js';
import { findPeer, PEER_FOLDER, type Peer } from './peer.js';
import { WARM_UPS, type Reference } from './recipe.js';
import { cellsOf, spreadOf, type Spread } from './spread.js';

/** What `peer/augment_views.py` makes. */
interface AugmentingJob {
  readonly transforms: 'pil' | 'tensor';
  readonly images: number;
  readonly batch: number;
  /** Passes over all images. */
  readonly passes: number;
  readonly workers: number;
}

/** Views of an image. */
const VIEWS = 2;
/** A projector and a predictor that cost nothing either; those of the recipe cost three quarters of such a step. */
const SMALL: Reference = { use: 'simsiam', with: { dim: 16, predictorHidden: 16 } };
/** Batches of a turn: a pass of torchvision, so that starting its workers costs little of it. */
const BATCHES = 8;

/**
 * Views of the CIFAR-10 recipe, in turn: ours in training steps of a network that costs nothing, so draws, reading and the step around
 * the augmentations are counted too; torchvision's in a DataLoader, with a worker for each of our threads.
 */
export const augmentBench: Bench = {
  summary: "views a second of the CIFAR-10 recipe beside torchvision's, with PIL images and with tensors",
  batch: 512,
  steps: 10,
  async run(options) {
    const { batch, steps, threads } = options;
    options.log(`${steps} turns of each side`);
    const peer = await findPeer(options);
    const job = { images: BATCHES * batch, batch, passes: steps + 1, workers: threads };
    const measured = await measureInTurn({
      ours: oursSide({
        network: 'mean-of-pixels',
        method: SMALL,
        wrapper: 'none',
        batch,
        threads,
        steps: BATCHES * steps,
        stepsInTurn: BATCHES,
      }),
      pil: peerSide(peer, { ...job, transforms: 'pil' }),
      tensor: peerSide(peer, { ...job, transforms: 'tensor' }),
    });
    const { ours, pil, tensor } = measured;
    if (isMissing(ours)) throw new Error(`Our views were not made: ${ours.missing}`);
    const speed = spreadOf(ours.seconds.map((seconds) => (VIEWS * batch) / seconds));
    // The first pass is a warm-up.
    const speedOf = (side: typeof pil): Spread | Missing =>
      isMissing(side) ? side : spreadOf(side.seconds.slice(1).map((seconds) => (VIEWS * BATCHES * batch) / seconds));
    const peers = { pil: speedOf(pil), tensor: speedOf(tensor) };
    const medians = Object.values(peers).flatMap((side) => (isMissing(side) ? [] : [side.median]));
    const fastest = medians.length > 0 ? Math.max(...medians) : undefined;
    const ratio = fastest === undefined ? undefined : speed.median / fastest;
    const row = (title: string, side: Spread | Missing): readonly string[] => [
      title,
      ...(isMissing(side) ? [side.missing, ''] : cellsOf(side)),
    ];
    return {
      ok: true,
      text: [
        align([
          ['', 'median views/s', 'lowest to highest'],
          row(`ssql, ${threads} threads`, speed),
          row(`torchvision with PIL, ${threads} workers`, peers.pil),
          row(`torchvision v2 with tensors, ${threads} workers`, peers.tensor),
        ]),
        ...(ratio === undefined ? [] : [`ratio to the faster of torchvision's ${ratio.toFixed(2)}x`]),
      ].join('\n'),
      json: {
        batch,
        threads,
        warmUps: WARM_UPS,
        viewsPerSecond: speed,
        peerViewsPerSecond: fastest,
        peers,
        ratio,
      },
    };
  },
};

function peerSide(peer: Peer, job: AugmentingJob): Side | Missing {
  if (isMissing(peer)) return peer;
  return { command: peer.python, arguments: [join(PEER_FOLDER, 'augment_views.py'), JSON.stringify(job)] };
}
