import { chain, type Network } from '@ssql/core';

interface NormalizedProjector {
  readonly layers: number;
  /** Width of all layers but the last. */
  readonly hidden: number;
  readonly dim: number;
  /** Adds a batch norm without affine part at the end; the bias before it would have no effect and is frozen. */
  readonly lastNorm: boolean;
}

/** Linear layers; all but the last have batch norm and ReLU. Layers are named as in a PyTorch Sequential. */
export function normalizedProjector({ layers, hidden, dim, lastNorm }: NormalizedProjector): Network {
  return {
    forward(nn, x) {
      for (let layer = 0; layer < layers - 1; layer++) {
        const [linear, norm] = [`${3 * layer}`, `${3 * layer + 1}`];
        x = nn.relu(nn.batchNorm(nn.linear(x, linear, { units: hidden, bias: false }), norm));
        x = nn.output(x, linear);
      }
      const [linear, norm] = [`${3 * (layers - 1)}`, `${3 * (layers - 1) + 1}`];
      x = nn.linear(x, linear, { units: dim, bias: lastNorm ? 'frozen' : true });
      return nn.output(lastNorm ? nn.batchNorm(x, norm, { affine: false }) : x, linear);
    },
  };
}

/** Two linear layers with biases and a ReLU between them. */
export function plainProjector(hidden: number, dim: number): Network {
  return {
    forward(nn, x) {
      x = nn.output(nn.relu(nn.linear(x, '0', { units: hidden, bias: true })), '0');
      return nn.output(nn.linear(x, '2', { units: dim, bias: true }), '2');
    },
  };
}

/** Two linear layers with batch norm and ReLU between them. */
export function predictor(hidden: number, dim: number): Network {
  return {
    forward(nn, z) {
      const inner = nn.relu(nn.batchNorm(nn.linear(z, '0', { units: hidden, bias: false }), '1'));
      return nn.linear(inner, '3', { units: dim, bias: true });
    },
  };
}

/** Linear layers; all but the last have GELU, after a batch norm if `norm`. Layers are named as in a PyTorch Sequential. */
export function geluProjector({
  layers,
  hidden,
  dim,
  norm,
}: Pick<NormalizedProjector, 'layers' | 'hidden' | 'dim'> & { readonly norm: boolean }): Network {
  const size = norm ? 3 : 2; // modules of a hidden layer
  return {
    forward(nn, x) {
      for (let layer = 0; layer < layers - 1; layer++) {
        const linear = `${size * layer}`;
        x = nn.linear(x, linear, { units: hidden, bias: !norm });
        x = nn.output(nn.gelu(norm ? nn.batchNorm(x, `${size * layer + 1}`) : x), linear);
      }
      const linear = `${size * (layers - 1)}`;
      return nn.output(nn.linear(x, linear, { units: dim, bias: true }), linear);
    },
  };
}

/** The network with its outputs divided by their lengths. */
export function unitOutputs(network: Network): Network {
  return chain(network, { forward: (nn, x) => nn.unitLength(x) });
}
