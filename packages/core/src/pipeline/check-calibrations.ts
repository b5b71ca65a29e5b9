import { SsqlError, type Location } from '../errors.js';
import { calibrationUnknown } from '../quantization/quantization-errors.js';
import { CALIBRATION_NAME_PATTERN } from '../quantization/evaluation-precision.js';
import type { LoadedCell } from './load.js';
import { stagePrecisions } from './stage-precisions.js';

/** The problems of calibrations: names that a precision cannot have, and precisions with a calibration that does not exist. */
export function checkCalibrations({ pipeline, location }: LoadedCell): readonly SsqlError[] {
  const names = Object.keys(pipeline.evaluation.calibrations ?? {});
  const valid = new RegExp(CALIBRATION_NAME_PATTERN);
  return [
    ...names
      .filter((name) => !valid.test(name))
      .map((name) => calibrationName(name, location(['evaluation', 'calibrations', name]))),
    ...stagePrecisions(pipeline).flatMap(({ precision: { calibration }, path }) =>
      calibration === undefined || names.includes(calibration)
        ? []
        : [calibrationUnknown(calibration, names, location(path))],
    ),
  ];
}

/**
 * The name of a calibration cannot be part of a precision.
 * @remedy Start with a letter; use letters, digits, `-` and `_`.
 */
function calibrationName(name: string, location: Location): SsqlError {
  return new SsqlError('CALIBRATION_NAME', `A calibration cannot have the name \`${name}\`.`, {
    location,
    hint: 'Start with a letter; use letters, digits, `-` and `_`.',
  });
}
