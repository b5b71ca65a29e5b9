/**
 * The operations that networks are written in. A network is one definition with several interpretations: `T` is a tensor when it is
 * executed and a shape when its parameters are listed. Layers are named as in torchvision (`layer1.0.conv1`); their parameters
 * get the layer's name with `.weight` or `.bias`. Layers of the same name share their parameters; they must be alike in kind and options, and
 * outputs of the same name in shape.
 */
export interface Operations<T> {
  /** 2-D convolution, zero padding on all sides; [N,H,W,C] -> [N,H',W',filters]. Its weight is a quantization site. */
  conv2d(x: T, layer: string, options: ConvolutionLayer): T;
  /** One filter per channel, zero padding on all sides; [N,H,W,C] -> [N,H',W',C]. Its weight is a quantization site. */
  depthwiseConv2d(x: T, layer: string, options: DepthwiseConvolutionLayer): T;
  /** Batch norm over all axes but the last, epsilon 1e-5, running momentum 0.1, running variance unbiased. */
  batchNorm(x: T, layer: string, options?: BatchNormLayer): T;
  relu(x: T): T;
  /** min(max(x, 0), 6). */
  relu6(x: T): T;
  /** x (1 + erf(x / sqrt 2)) / 2. */
  gelu(x: T): T;
  /** Divides each row [N,C] by its length, at least 1e-12, as PyTorch's `normalize`. */
  unitLength(x: T): T;
  add(a: T, b: T): T;
  /** [N,H,W,C] -> [N,C]. */
  globalAveragePool(x: T): T;
  maxPool(x: T, options: { readonly size: number; readonly stride: number; readonly padding: number }): T;
  /** Fully connected: [N,C] -> [N,units]. Its weight is a quantization site. */
  linear(x: T, layer: string, options: LinearLayer): T;
  /**
   * Fully connected with weight normalization, without a bias: [N,C] -> [N,units]. The weight is g v / |v| for each unit (arXiv 1602.07868),
   * in `weight_v` and `weight_g`; g is 1 and frozen. Always float: its weight is no quantization site.
   */
  weightNormLinear(x: T, layer: string, options: { readonly units: number }): T;
  /** The quantization site of a layer's or block's output. */
  output(x: T, site: string): T;
}

export interface DepthwiseConvolutionLayer {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  /** Whether it has a bias; false by default. */
  readonly bias?: boolean;
}

export interface ConvolutionLayer extends DepthwiseConvolutionLayer {
  readonly filters: number;
}

export interface BatchNormLayer {
  /** Whether it has a scale and a shift; true by default. */
  readonly affine?: boolean;
  /** The initial value of each scale; 1 by default. */
  readonly initialScale?: number;
}

export interface LinearLayer {
  readonly units: number;
  /** A `frozen` bias keeps its initial value. */
  readonly bias: boolean | 'frozen';
  /** Whether the weights of each unit are scaled to length 1 before each training step; false by default. No gradient flows through it. */
  readonly unitWeights?: boolean;
}

/** A network, written once. */
export interface Network {
  forward<T>(nn: Operations<T>, x: T): T;
}

/** The networks one after the other. */
export function chain(...networks: readonly Network[]): Network {
  return { forward: (nn, x) => networks.reduce((features, network) => network.forward(nn, features), x) };
}

/** The network with `prefix.` before every layer and site name. */
export function named(prefix: string, network: Network): Network {
  return { forward: (nn, x) => network.forward(prefixed(prefix, nn), x) };
}

function prefixed<T>(prefix: string, nn: Operations<T>): Operations<T> {
  const full = (name: string): string => `${prefix}.${name}`;
  return {
    conv2d: (x, layer, options) => nn.conv2d(x, full(layer), options),
    depthwiseConv2d: (x, layer, options) => nn.depthwiseConv2d(x, full(layer), options),
    batchNorm: (x, layer, options) => nn.batchNorm(x, full(layer), options),
    relu: (x) => nn.relu(x),
    relu6: (x) => nn.relu6(x),
    gelu: (x) => nn.gelu(x),
    unitLength: (x) => nn.unitLength(x),
    add: (a, b) => nn.add(a, b),
    globalAveragePool: (x) => nn.globalAveragePool(x),
    maxPool: (x, options) => nn.maxPool(x, options),
    linear: (x, layer, options) => nn.linear(x, full(layer), options),
    weightNormLinear: (x, layer, options) => nn.weightNormLinear(x, full(layer), options),
    output: (x, site) => nn.output(x, full(site)),
  };
}
