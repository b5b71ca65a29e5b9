/**
 * The half width, in standard errors, of a two-sided interval by Student's t distribution: 12.71 for a confidence of 0.95 and one degree of
 * freedom. For whole degrees of freedom the distribution function is a finite sum (Abramowitz and Stegun, 26.7.3 and 26.7.4); bisection
 * inverts it.
 */
export function studentQuantile(confidence: number, degrees: number): number {
  let [low, high] = [0, Math.PI / 2];
  for (let halving = 0; halving < 60; halving++) {
    const angle = (low + high) / 2;
    if (probabilityWithin(angle, degrees) < confidence) low = angle;
    else high = angle;
  }
  return Math.sqrt(degrees) * Math.tan(low);
}

/** The probability of |t| < sqrt(degrees) tan(angle). */
function probabilityWithin(angle: number, degrees: number): number {
  const cos = Math.cos(angle);
  const odd = degrees % 2 === 1;
  let term = odd ? cos : 1;
  let sum = 0;
  for (let order = odd ? 3 : 2; order <= degrees; order += 2) {
    sum += term;
    term *= (cos ** 2 * (order - 1)) / order;
  }
  return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}
