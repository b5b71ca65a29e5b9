import { isDeepStrictEqual } from 'node:util';
import type { Operand } from '../kinds/quantizer.js';
import type { Path } from './locate.js';
import type { Pipeline, Reference } from './pipeline.js';

/** A calibration of a pipeline, with the places that its plugins come from. */
export interface PlacedCalibration {
  /** Omitted for `evaluation.calibration`. */
  readonly name?: string;
  readonly samples: number;
  readonly batch: number;
  readonly weights: PlacedOperand;
  readonly activations: PlacedOperand;
}

/** The places of the plugins that quantize an operand. */
export interface PlacedOperand {
  readonly quantizer: Path;
  readonly observer: Path;
}

/**
 * The calibrations of a pipeline: `evaluation.calibration`, then those by name. What a named one does not set is that of
 * `evaluation.calibration`; what that one does not set is that of `quantization`.
 */
export function placedCalibrations(pipeline: Pipeline): readonly PlacedCalibration[] {
  const { calibration, calibrations = {} } = pipeline.evaluation;
  const { samples, batch } = calibration;
  const first: Layer = { path: ['evaluation', 'calibration'], settings: calibration };
  const named = Object.entries(calibrations).map(([name, settings]) => ({
    name,
    samples: settings.samples ?? samples,
    batch: settings.batch ?? batch,
    ...operands(pipeline, [{ path: ['evaluation', 'calibrations', name], settings }, first]),
  }));
  return [{ samples, batch, ...operands(pipeline, [first]) }, ...named];
}

/** What a calibration sets, and where. */
interface Layer {
  readonly path: Path;
  readonly settings: Pick<Pipeline['evaluation']['calibration'], Operand>;
}

function operands(
  { quantization }: Pipeline,
  layers: readonly Layer[],
): Pick<PlacedCalibration, 'weights' | 'activations'> {
  const place = (operand: Operand, part: keyof PlacedOperand): Path => {
    const trained: Path = ['quantization', operand, part];
    const layer = layers.find(({ settings }) => settings[operand]?.[part] !== undefined);
    if (layer === undefined) return trained;
    // The same plugin with the same options as in training: the tensors that it trained apply.
    const reference: Reference | undefined = layer.settings[operand]?.[part];
    return isDeepStrictEqual(reference, quantization[operand][part]) ? trained : [...layer.path, operand, part];
  };
  const operand = (name: Operand): PlacedOperand => ({
    quantizer: place(name, 'quantizer'),
    observer: place(name, 'observer'),
  });
  return { weights: operand('weights'), activations: operand('activations') };
}
