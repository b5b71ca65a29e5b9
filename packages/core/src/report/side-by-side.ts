/** The precisions in order, with the calibrations of a precision beside it: `w4a4`, `w4a4@clipped`, `w2a4`, `w2a4@clipped`. */
export function sideBySide(precisions: readonly string[]): readonly string[] {
  const distinct = [...new Set(precisions)];
  const networks = [...new Set(distinct.map((precision) => splitCalibration(precision).network))];
  return networks.flatMap((network) => distinct.filter((precision) => splitCalibration(precision).network === network));
}

/** The parts of a precision before and after `@`. */
function splitCalibration(precision: string): { readonly network: string; readonly calibration: string } {
  const [network = '', calibration = ''] = precision.split('@');
  return { network, calibration };
}
