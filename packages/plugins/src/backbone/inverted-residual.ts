import type { Operations } from '@ssql/core';

/** Names of a convolution and of its batch norm. */
export type LayerNames = readonly [convolution: string, batchNorm: string];

export interface InvertedResidual {
  /** Name of the block's output. */
  readonly name: string;
  readonly layers: { readonly expand?: LayerNames; readonly depthwise: LayerNames; readonly project: LayerNames };
  /** Channels of the input, inside the block, and of the output. */
  readonly channels: { readonly input: number; readonly inner: number; readonly output: number };
  readonly kernel: number;
  readonly stride: number;
  /** Initializes the scale of the last batch norm to 0 if the block has a shortcut. */
  readonly zeroInit?: boolean;
}

/**
 * A 1x1 convolution expands the channels, a depthwise convolution filters each, and a 1x1 convolution without activation reduces them. A
 * shortcut adds the input if its shape is that of the output. Sandler et al. (arXiv 1801.04381), figure 3b.
 */
export function invertedResidual<T>(nn: Operations<T>, x: T, block: InvertedResidual): T {
  const { name, layers, channels, kernel, stride, zeroInit = false } = block;
  const shortcut = stride === 1 && channels.input === channels.output;
  let y = x;
  if (layers.expand) y = pointwise(nn, y, layers.expand, channels.inner);
  const padding = (kernel - 1) / 2;
  const [depthwise, norm] = layers.depthwise;
  y = nn.depthwiseConv2d(y, depthwise, { kernel, stride, padding });
  y = nn.output(nn.relu6(nn.batchNorm(y, norm)), depthwise);
  const [project, lastNorm] = layers.project;
  y = nn.conv2d(y, project, { filters: channels.output, kernel: 1, stride: 1, padding: 0 });
  y = nn.output(nn.batchNorm(y, lastNorm, { initialScale: zeroInit && shortcut ? 0 : 1 }), project);
  return shortcut ? nn.output(nn.add(x, y), name) : y;
}

/** A 1x1 convolution, batch norm and relu6. */
export function pointwise<T>(nn: Operations<T>, x: T, [convolution, norm]: LayerNames, filters: number): T {
  const y = nn.conv2d(x, convolution, { filters, kernel: 1, stride: 1, padding: 0 });
  return nn.output(nn.relu6(nn.batchNorm(y, norm)), convolution);
}

/** A 3x3 convolution, batch norm and relu6. */
export function mobileStem<T>(
  nn: Operations<T>,
  x: T,
  [convolution, norm]: LayerNames,
  { filters, stride }: { readonly filters: number; readonly stride: number },
): T {
  const y = nn.conv2d(x, convolution, { filters, kernel: 3, stride, padding: 1 });
  return nn.output(nn.relu6(nn.batchNorm(y, norm)), convolution);
}
