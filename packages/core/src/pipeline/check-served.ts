import type { SsqlError } from '../errors.js';
import type { Operand } from '../kinds/quantizer.js';
import type { Serves } from '../plugin/contract.js';
import type { Registry } from '../plugin/registry.js';
import { parseEvaluationPrecision } from '../quantization/evaluation-precision.js';
import { parsePrecision, type Precision } from '../quantization/precision.js';
import type { LoadedCell } from './load.js';
import type { Path } from './locate.js';
import type { Reference } from './pipeline.js';
import { quantizerOperand, quantizerWidth } from './served-errors.js';

/** A width that a pipeline asks for, and where. */
interface Asked {
  readonly bits: number;
  readonly path: Path;
}

/** The problems of quantizers at an operand or at widths that they do not serve, each reported where the pipeline asks for it. */
export function checkServed({ pipeline, location }: LoadedCell, registry: Registry): readonly SsqlError[] {
  const { quantization, stages, monitor } = pipeline;
  return (['weights', 'activations'] as const).flatMap((operand) => {
    const { quantizer, bits }: { readonly quantizer?: Reference; readonly bits: readonly number[] } =
      quantization[operand];
    // A registry may have no base pipeline.
    if (quantizer === undefined) return [];
    const serves = registry.get('quantizer', quantizer.use)?.serves;
    if (serves === undefined) return [];
    const place = location(['quantization', operand, 'quantizer']);
    if (serves.operands?.includes(operand) === false) return [quantizerOperand(quantizer.use, operand, place)];
    const asked: readonly Asked[] = [
      ...bits.map((width) => ({ bits: width, path: ['quantization', operand, 'bits'] })),
      ...Object.entries(quantization.pins).flatMap(([pattern, pin]) =>
        widthIn(typeof pin === 'string' ? parsePrecision(pin) : pin, operand, ['quantization', 'pins', pattern]),
      ),
      ...[...stages.entries()].flatMap(([index, stage]) => inOptions(stage.with, operand, ['stages', index, 'with'])),
      ...[...(monitor?.stages ?? []).entries()].flatMap(([index, stage]) =>
        inOptions(stage.with, operand, ['monitor', 'stages', index, 'with']),
      ),
    ];
    const unserved = new Map(
      asked
        .filter(({ bits: width }) => !isServed(serves, width))
        .map(({ bits: width, path }) => [
          path.join(),
          quantizerWidth(quantizer.use, operand, serves, width, location(path)),
        ]),
    );
    return [...unserved.values()];
  });
}

function isServed({ bits: { min, max } = { min: 1, max: 16 } }: Serves, width: number): boolean {
  return width >= min && width <= max;
}

function widthIn(precision: Partial<Precision> | undefined, operand: Operand, path: Path): readonly Asked[] {
  const bits = precision?.[operand];
  return typeof bits === 'number' ? [{ bits, path }] : [];
}

/** The widths of precisions in the options of a stage: texts such as `w4a4` in options that have `precision` in their names. */
function inOptions(options: object, operand: Operand, path: Path): readonly Asked[] {
  return Object.entries(options).flatMap(([name, value]: [string, unknown]) => {
    if (!/precision/i.test(name)) return [];
    const texts = Array.isArray(value) ? value.map((text, index) => [text, [index]] as const) : [[value, []] as const];
    return texts.flatMap(([text, index]) =>
      typeof text === 'string' ? widthIn(parseEvaluationPrecision(text), operand, [...path, name, ...index]) : [],
    );
  });
}
