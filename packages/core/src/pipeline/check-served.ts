import type { SsqlError } from '../errors.js';
import type { Operand } from '../kinds/quantizer.js';
import type { Serves } from '../plugin/contract.js';
import type { Registry } from '../plugin/registry.js';
import { parsePrecision, type Precision } from '../quantization/precision.js';
import { placedCalibrations } from './calibrations.js';
import type { LoadedCell } from './load.js';
import type { Path } from './locate.js';
import type { Pipeline, Reference } from './pipeline.js';
import { quantizerOperand, quantizerWidth } from './served-errors.js';
import { stagePrecisions } from './stage-precisions.js';

/** A width that a pipeline asks for, and where. */
interface Asked {
  readonly bits: number;
  readonly path: Path;
}

/** The problems of quantizers at an operand or at widths that they do not serve, each reported where the pipeline asks for it. */
export function checkServed({ pipeline, location }: LoadedCell, registry: Registry): readonly SsqlError[] {
  return (['weights', 'activations'] as const).flatMap((operand) =>
    quantizersOf(pipeline, operand).flatMap(({ place, asked }) => {
      const quantizer = place.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], pipeline) as
        Reference | undefined;
      // A registry may have no base pipeline.
      if (quantizer === undefined) return [];
      const serves = registry.get('quantizer', quantizer.use)?.serves;
      if (serves === undefined) return [];
      const named = `\`${quantizer.use}\` (${registry.packageOf('quantizer', quantizer.use)?.name ?? ''})`;
      if (serves.operands?.includes(operand) === false) return [quantizerOperand(named, operand, location(place))];
      const unserved = new Map(
        asked
          .filter(({ bits: width }) => !isServed(serves, width))
          .map(({ bits: width, path }) => [path.join(), quantizerWidth(named, operand, serves, width, location(path))]),
      );
      return [...unserved.values()];
    }),
  );
}

interface PlacedQuantizer {
  readonly place: Path;
  readonly asked: readonly Asked[];
}

/** The quantizers of an operand: that of training, and those of calibrations that have another. */
function quantizersOf(pipeline: Pipeline, operand: Operand): readonly PlacedQuantizer[] {
  const { quantization } = pipeline;
  const pins = Object.entries(quantization.pins).flatMap(([pattern, pin]) =>
    widthIn(typeof pin === 'string' ? parsePrecision(pin) : pin, operand, ['quantization', 'pins', pattern]),
  );
  const trained: PlacedQuantizer = {
    place: ['quantization', operand, 'quantizer'],
    asked: [...quantization[operand].bits.map((bits) => ({ bits, path: ['quantization', operand, 'bits'] })), ...pins],
  };
  const evaluated = placedCalibrations(pipeline).map(({ name, [operand]: { quantizer: place } }) => {
    const asked = stagePrecisions(pipeline)
      .filter(({ precision: { calibration } }) => calibration === name)
      .flatMap(({ precision, path }) => widthIn(precision, operand, path));
    return { place, asked: asked.length > 0 ? [...pins, ...asked] : [] };
  });
  const all = [trained, ...evaluated];
  const places = new Map(all.map(({ place }) => [place.join('.'), place]));
  return [...places].map(([key, place]) => ({
    place,
    asked: all.flatMap(({ place, asked }) => (place.join('.') === key ? asked : [])),
  }));
}

function isServed({ bits: { min, max } = { min: 1, max: 16 } }: Serves, width: number): boolean {
  return width >= min && width <= max;
}

function widthIn(precision: Partial<Precision> | undefined, operand: Operand, path: Path): readonly Asked[] {
  const bits = precision?.[operand];
  return typeof bits === 'number' ? [{ bits, path }] : [];
}
