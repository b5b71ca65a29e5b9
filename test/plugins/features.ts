import { random, type Features, type FeatureSets } from '@ssql/core';

/** Features in clouds around one centre for each class, `spread` wide, of unequal scales and far from 0 as real ones are. */
export function clouds(
  sizes: { readonly train: number; readonly test: number },
  classes: number,
  spread: number,
  seed = 1,
): FeatureSets {
  const dimension = 8;
  const source = random(seed, 'clouds');
  const centers = Array.from({ length: classes }, () => Array.from({ length: dimension }, () => source.normal()));
  const draw = (count: number): Features => {
    const values = new Float32Array(count * dimension);
    const labels = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const label = i % classes;
      labels[i] = label;
      for (let j = 0; j < dimension; j++)
        values[i * dimension + j] = 3 + (j + 1) * (centers[label]![j]! + spread * source.normal());
    }
    return { values, dimension, labels };
  };
  return { train: draw(sizes.train), test: draw(sizes.test) };
}
