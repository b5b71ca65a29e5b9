import type { Operations } from '@ssql/core';

/**
 * Two 3x3 convolutions and a shortcut, which is a 1x1 convolution where the shape changes. He et al. (arXiv 1512.03385), figure 2;
 * layers are named as in torchvision.
 */
export function basicBlock<T>(
  nn: Operations<T>,
  x: T,
  name: string,
  { filters, stride, projects }: { readonly filters: number; readonly stride: number; readonly projects: boolean },
): T {
  let y = nn.conv2d(x, `${name}.conv1`, { filters, kernel: 3, stride, padding: 1 });
  y = nn.relu(nn.batchNorm(y, `${name}.bn1`));
  y = nn.output(y, `${name}.conv1`);
  y = nn.conv2d(y, `${name}.conv2`, { filters, kernel: 3, stride: 1, padding: 1 });
  y = nn.output(nn.batchNorm(y, `${name}.bn2`), `${name}.conv2`);
  let shortcut = x;
  if (projects) {
    shortcut = nn.conv2d(x, `${name}.downsample.0`, { filters, kernel: 1, stride, padding: 0 });
    shortcut = nn.output(nn.batchNorm(shortcut, `${name}.downsample.1`), `${name}.downsample.0`);
  }
  return nn.output(nn.relu(nn.add(y, shortcut)), name);
}
