import { Command, InvalidArgumentError, Option } from 'commander';
import type { Parameter } from '../nn/describe.js';
import type { NetworkCost } from '../kinds/assigner.js';
import type { ImageShape } from '../kinds/augmentation.js';
import { chooseCell } from './choose-cell.js';
import { examples } from './examples.js';
import { jsonOption, printJson } from './json-option.js';
import { rows } from './rows.js';
import { setOption } from './set-option.js';

interface DescribeFlags {
  readonly run?: string;
  readonly input?: ImageShape;
  readonly set: readonly string[];
  readonly json?: boolean;
}

/** `ssql describe <file>`: prints parameters, multiplications, bit operations and sites of a pipeline's backbone. Needs no engine. */
export function describeCommand(): Command {
  const command = new Command('describe')
    .description("Print the size of a pipeline's backbone, and its cost at the precisions of the stages.")
    .argument('<file>', 'the pipeline, a YAML file')
    .option('--run <label or number>', 'run of the matrix; default: the first')
    .addOption(
      new Option('--input <HxWxC>', "shape of an image; default: that of the pipeline's data").argParser(readShape),
    )
    .addOption(setOption())
    .addOption(jsonOption('the description'))
    .action(async (file: string, { run, input, set, json = false }: DescribeFlags) => {
      const [{ loadPipeline }, { describePipeline }] = await Promise.all([
        import('../pipeline/load.js'),
        import('../run/describe-pipeline.js'),
      ]);
      const loaded = await loadPipeline(file, { set });
      const { cell, number } = chooseCell(loaded.cells, run);
      const described = await describePipeline(loaded, cell, input);
      const title = {
        pipeline: loaded.name,
        run: { number, of: loaded.cells.length, label: cell.label },
        backbone: cell.pipeline.backbone.use,
      };
      const { backbone, costs, others, image } = described;
      const { parameters, weightSites, outputSites, output } = backbone;
      if (json)
        return printJson({
          ...title,
          image,
          features: output[1],
          parameters: { backbone: count(parameters), ...others },
          macs: costs[0]?.cost.macs,
          precisions: costs.map(({ precision, cost: { bops, bytes } }) => ({ precision, bops, bytes })),
          layers: layersOf(parameters, costs),
          sites: { weights: weightSites, activations: outputSites },
        });
      const of = loaded.cells.length > 1 ? `, run ${number} of ${loaded.cells.length}: ${cell.label}` : '';
      const networks = Object.entries(others).map(([name, size]) => [name, short(size)] as const);
      process.stdout.write(
        [
          `${loaded.name}${of}\n\n`,
          rows([
            ['backbone', title.backbone],
            ['image', image.join('x')],
            ['features', String(output[1])],
            ['parameters', short(count(parameters))],
            ...networks.map(([name, size]) => [`  ${name} (not deployed)`, `${size} more`]),
            ['multiplications', short(costs[0]?.cost.macs ?? 0)],
            ['sites', `${weightSites.length} weights, ${outputSites.length} outputs`],
          ]),
          '\n',
          rows([
            ['precision', 'bit operations', 'of float', 'bytes'],
            ...costs.map((cost) => precisionRow(cost, costs)),
          ]),
        ].join(''),
      );
    });
  return examples(
    command,
    'ssql describe pipeline.yaml',
    'ssql describe pipeline.yaml --set backbone=<name> --input 224x224x3',
    'ssql describe pipeline.yaml --json',
  );
}

interface Cost {
  readonly precision: string;
  readonly cost: NetworkCost;
}

function precisionRow({ precision, cost }: Cost, [float]: readonly Cost[]): string[] {
  const share = (100 * cost.bops) / (float?.cost.bops ?? NaN);
  return [precision, short(cost.bops), `${share.toPrecision(3)} %`, short(cost.bytes)];
}

/** The parameters, multiplications and, by precision, bit operations of each layer. */
function layersOf(parameters: readonly Parameter[], costs: readonly Cost[]): object[] {
  return (costs[0]?.cost.layers ?? []).map(({ layer, macs }, index) => ({
    layer,
    parameters: count(parameters.filter(({ name }) => name === `${layer}.weight` || name === `${layer}.bias`)),
    macs,
    bops: Object.fromEntries(costs.map(({ precision, cost }) => [precision, cost.layers[index]?.bops])),
  }));
}

function count(parameters: readonly Pick<Parameter, 'shape'>[]): number {
  return parameters.reduce((sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1), 0);
}

const UNITS = ['', ' k', ' M', ' G', ' T', ' P'];

/** Formats 11181642 as `11.2 M`. */
function short(value: number): string {
  const unit = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(value) / 3)));
  return value < 1000 ? String(value) : `${(value / 1000 ** unit).toPrecision(3)}${UNITS[unit]}`;
}

function readShape(text: string): ImageShape {
  const match = /^([1-9]\d*)x([1-9]\d*)x([1-9]\d*)$/.exec(text);
  if (!match) throw new InvalidArgumentError('Write height, width and channels: 224x224x3.');
  return [Number(match[1]), Number(match[2]), Number(match[3])];
}
