import { align } from './align.js';
import { flopOf, workOf } from './arithmetic.js';
import { isMissing, type Bench, type BenchOptions, type Missing } from './bench.js';
import { complaints } from './guard.js';
import { measureJudged, type Counted, type Judged } from './judged.js';
import { oursSide } from './ours.js';
import { findPeer, type Peer } from './peer.js';
import type { Reference, Trained } from './recipe.js';

/** SimSiam has the recipe's options, the others their defaults; Barlow Twins has a projector as wide as SimSiam's. */
const METHODS: { readonly [method: string]: { readonly method?: Reference } } = {
  simsiam: {},
  byol: { method: { use: 'byol' } },
  moco: { method: { use: 'moco' } },
  simclr: { method: { use: 'simclr' } },
  'barlow-twins': { method: { use: 'barlow-twins', with: { dim: 2048 } } },
};

/** The cost that SSQL adds to a step of each method: both in turn, beside the machine's peak. */
export const methodsBench: Bench = {
  summary: 'a training step of each method, plain and with SSQL, on ResNet-18 and the CIFAR-10 recipe',
  batch: 64,
  steps: 20,
  async run(options) {
    const peer = await findPeer(options);
    const methods: Result[] = [];
    for (const [method, trained] of Object.entries(METHODS)) {
      options.log(method);
      methods.push(await measureMethod(options, peer, method, trained));
    }
    const failures = methods.flatMap(({ method, plain, ssql }) =>
      complaints({ [`${method}, plain,`]: plain, [`${method} with SSQL`]: ssql }),
    );
    const { batch, steps, threads } = options;
    return {
      ok: failures.length === 0,
      text: [table(methods), ...failures].join('\n'),
      json: { batch, steps, threads, methods, failures },
    };
  },
};

interface Result {
  readonly method: string;
  readonly plain: Judged;
  readonly ssql: Judged;
  /** Seconds with SSQL over seconds of the plain method. */
  readonly ratio: number;
  readonly memoryRatio: number;
  /** The ratio of the arithmetic. */
  readonly expectedRatio: number;
}

async function measureMethod(
  options: BenchOptions,
  peer: Peer,
  method: string,
  changes: Pick<Trained, 'method'>,
): Promise<Result> {
  const side = async (wrapper: Trained['wrapper']): Promise<Counted> => {
    const trained: Trained = { network: 'resnet18', wrapper, ...changes };
    return { side: oursSide({ ...trained, ...options }), work: await workOf(trained) };
  };
  const sides = { plain: await side('none'), ssql: await side('ssql') };
  const judged = await measureJudged(options, { peer, precision: 'float32' }, sides);
  const [plain, ssql] = [measured(method, judged.plain), measured(method, judged.ssql)];
  return {
    method,
    plain,
    ssql,
    ratio: ssql.secondsPerStep / plain.secondsPerStep,
    memoryRatio: ssql.peakBytes / plain.peakBytes,
    expectedRatio: flopOf(sides.ssql.work, options.batch) / flopOf(sides.plain.work, options.batch),
  };
}

function measured(method: string, side: Judged | Missing): Judged {
  if (isMissing(side)) throw new Error(`${method} was not measured: ${side.missing}`);
  return side;
}

function table(results: readonly Result[]): string {
  const rows = results.map(({ method, plain, ssql, ratio, expectedRatio, memoryRatio }) => [
    method,
    plain.secondsPerStep.toPrecision(3),
    ssql.secondsPerStep.toPrecision(3),
    `${ratio.toFixed(2)}x`,
    `${expectedRatio.toFixed(2)}x`,
    `${memoryRatio.toFixed(2)}x`,
    `${(100 * plain.share).toFixed(0)}%`,
    `${(100 * ssql.share).toFixed(0)}%`,
  ]);
  const header = [
    '',
    'plain s/step',
    'SSQL s/step',
    'ratio',
    'of arithmetic',
    'peak memory',
    'plain of peak',
    'SSQL of peak',
  ];
  return align([header, ...rows]);
}
