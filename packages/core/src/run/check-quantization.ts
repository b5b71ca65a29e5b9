import type { Composition } from '../container/composition.js';
import type { Engine } from '../engine/engine.js';
import type { Operand } from '../kinds/quantizer.js';
import type { LoadedCell } from '../pipeline/load.js';
import type { Path } from '../pipeline/locate.js';
import { stagePrecisions } from '../pipeline/stage-precisions.js';
import { parsePrecision, type Precision } from '../quantization/precision.js';
import { checkQuantizers, type AskedWidth } from '../train/check-quantizers.js';
import type { Model } from '../train/model.js';

/** Checks quantizers and observers, those of training and those of evaluation, at the widths that the pipeline asks them for. */
export function checkQuantization(
  engine: Pick<Engine, 'tf'>,
  model: Model,
  { calibrations }: Pick<Composition, 'calibrations'>,
  { pipeline, location }: Pick<LoadedCell, 'pipeline' | 'location'>,
): void {
  const { quantization } = pipeline;
  const asked = (bits: Precision[Operand] | undefined, path: Path): readonly AskedWidth[] =>
    typeof bits === 'number' ? [{ bits, place: location(path) }] : [];
  const trained = (operand: Operand): readonly AskedWidth[] => [
    ...quantization[operand].bits.flatMap((bits) => asked(bits, ['quantization', operand, 'bits'])),
    ...Object.entries(quantization.pins).flatMap(([pattern, pin]) => {
      const precision: Partial<Precision> | undefined = typeof pin === 'string' ? parsePrecision(pin) : pin;
      return asked(precision?.[operand], ['quantization', 'pins', pattern]);
    }),
  ];
  checkQuantizers(engine, model, { weights: trained('weights'), activations: trained('activations') });
  for (const { name, weights, activations } of calibrations) {
    const evaluated = (operand: Operand): readonly AskedWidth[] =>
      stagePrecisions(pipeline)
        .filter(({ precision }) => precision.calibration === name)
        .flatMap(({ precision, path }) => asked(precision[operand], path));
    checkQuantizers(
      engine,
      { ...model, quantization: { ...model.quantization, weights, activations } },
      { weights: evaluated('weights'), activations: evaluated('activations') },
    );
  }
}
