import type { Operations } from '@ssql/core';

export interface ResidualOptions {
  /** Channels of the stage. */
  readonly filters: number;
  readonly stride: number;
  /** Whether the shortcut is a 1x1 convolution, which is needed if the shape changes. */
  readonly projects: boolean;
  /** Initializes the scale of the last batch norm to 0, so that the block starts as its shortcut (arXiv 1706.02677, 5.1). */
  readonly zeroInit?: boolean;
}

/** Adds a residual block to a network. */
export type ResidualBlock = <T>(nn: Operations<T>, x: T, name: string, options: ResidualOptions) => T;

/**
 * Two 3x3 convolutions and a shortcut. He et al. (arXiv 1512.03385), figure 5, left; layers are named as in torchvision. Its output has
 * `filters` channels.
 */
export function basicBlock<T>(nn: Operations<T>, x: T, name: string, options: ResidualOptions): T {
  const { filters, stride } = options;
  let y = nn.conv2d(x, `${name}.conv1`, { filters, kernel: 3, stride, padding: 1 });
  y = nn.output(nn.relu(nn.batchNorm(y, `${name}.bn1`)), `${name}.conv1`);
  y = nn.conv2d(y, `${name}.conv2`, { filters, kernel: 3, stride: 1, padding: 1 });
  y = nn.output(nn.batchNorm(y, `${name}.bn2`, lastNorm(options)), `${name}.conv2`);
  return joined(nn, y, shortcut(nn, x, name, filters, options), name);
}

/**
 * A 3x3 convolution between two 1x1 convolutions, and a shortcut. He et al., figure 5, right. The stride is on the 3x3 convolution, as
 * in torchvision; the paper has it on the first convolution. Its output has four times `filters` channels.
 */
export function bottleneckBlock<T>(nn: Operations<T>, x: T, name: string, options: ResidualOptions): T {
  const { filters, stride } = options;
  const expanded = 4 * filters;
  let y = nn.conv2d(x, `${name}.conv1`, { filters, kernel: 1, stride: 1, padding: 0 });
  y = nn.output(nn.relu(nn.batchNorm(y, `${name}.bn1`)), `${name}.conv1`);
  y = nn.conv2d(y, `${name}.conv2`, { filters, kernel: 3, stride, padding: 1 });
  y = nn.output(nn.relu(nn.batchNorm(y, `${name}.bn2`)), `${name}.conv2`);
  y = nn.conv2d(y, `${name}.conv3`, { filters: expanded, kernel: 1, stride: 1, padding: 0 });
  y = nn.output(nn.batchNorm(y, `${name}.bn3`, lastNorm(options)), `${name}.conv3`);
  return joined(nn, y, shortcut(nn, x, name, expanded, options), name);
}

function lastNorm({ zeroInit = false }: ResidualOptions): { readonly initialScale: number } {
  return { initialScale: zeroInit ? 0 : 1 };
}

function shortcut<T>(nn: Operations<T>, x: T, name: string, filters: number, { stride, projects }: ResidualOptions): T {
  if (!projects) return x;
  const y = nn.conv2d(x, `${name}.downsample.0`, { filters, kernel: 1, stride, padding: 0 });
  return nn.output(nn.batchNorm(y, `${name}.downsample.1`), `${name}.downsample.0`);
}

function joined<T>(nn: Operations<T>, y: T, shortcut: T, name: string): T {
  return nn.output(nn.relu(nn.add(y, shortcut)), name);
}
