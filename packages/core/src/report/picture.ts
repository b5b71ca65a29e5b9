import type { RunRecord } from '../kinds/run-record.js';
import { drawPanel } from './chart.js';
import { accuracyPanels } from './figures/accuracy.js';
import { curvePanels } from './figures/curves.js';
import { monitorCurves } from './figures/monitor.js';
import { groupRuns } from './group-runs.js';
import { resultPanels } from './result-panels.js';
import { standalone } from './standalone.js';

const WIDTH = 720;
const HEIGHT = 340;

/**
 * The accuracy by precision of a report as an SVG image that stands alone, with a legend and in the light colours.
 * @returns nothing if no accuracy was evaluated
 */
export async function accuracyPicture(
  runs: readonly Pick<RunRecord, 'cell' | 'label' | 'group' | 'quantized' | 'evaluations'>[],
): Promise<string | undefined> {
  const groups = groupRuns(runs as readonly RunRecord[]); // groups and panels read no more of a run
  const panel = resultPanels(groups).find(({ percent, classifier }) => percent && classifier === 'matched');
  if (panel === undefined) return undefined;
  const panels = accuracyPanels(panel, HEIGHT);
  const width = panels.length > 1 ? WIDTH / 2 : WIDTH;
  const drawn = await Promise.all(panels.map((each) => drawPanel(each, width)));
  const { stage, metric } = panel;
  return standalone(
    `${stage}: ${metric} in % by precision, ${groups.map(({ label }) => label).join(' and ')}`,
    drawn,
    groups,
    2,
  );
}

/**
 * The first figure of a report's monitor, a curve over epochs for each precision, as an SVG image that stands alone.
 * @returns nothing if the runs had no monitor
 */
export async function monitorPicture(
  runs: readonly Pick<RunRecord, 'cell' | 'label' | 'group' | 'quantized' | 'evaluations' | 'monitored'>[],
): Promise<string | undefined> {
  const groups = groupRuns(runs as readonly RunRecord[]);
  const [curves] = monitorCurves(groups);
  if (curves === undefined) return undefined;
  const drawn = await Promise.all(curvePanels(curves).map((panel) => drawPanel(panel, WIDTH / 2)));
  return standalone(`${curves.title} over epochs`, drawn, groups, 2);
}
