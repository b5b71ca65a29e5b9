import { workOf } from './arithmetic.js';
import { isMissing, type Bench } from './bench.js';
import { complaints } from './guard.js';
import { judgedTable, measureJudged, present } from './judged.js';
import { oursSide } from './ours.js';
import { findPeer } from './peer.js';
import type { Trained } from './recipe.js';

/** Shows on this machine, if it is otherwise idle, that the guard against the peak notices two equal views, which are computed once, and accepts different ones. */
export const guardCheck: Bench = {
  summary: 'a check of the benches on an idle machine: they must notice a step whose two views are equal',
  steps: 10,
  async run(options) {
    const trained: Trained = { network: 'resnet18', wrapper: 'ssql' };
    const work = await workOf(trained);
    const sides = await measureJudged(
      options,
      { peer: await findPeer(options), precision: 'float32' },
      {
        'different views': { side: oursSide({ ...trained, ...options }), work },
        'equal views': { side: oursSide({ ...trained, ...options, equalViews: true }), work },
      },
    );
    const { 'different views': different, 'equal views': equal } = sides;
    const ok = !isMissing(different) && !isMissing(equal) && different.possible && !equal.possible;
    return {
      ok,
      text: [
        judgedTable(sides),
        ...complaints(present(sides)),
        ok
          ? 'The guard notices equal views and accepts different ones.'
          : 'The guard does not tell equal views from different ones.',
      ].join('\n'),
      json: { different, equal },
    };
  },
};
