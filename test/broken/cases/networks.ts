import type { Network, Operations } from '../../../packages/core/src/nn/network.js';
import { broken, type BrokenPlugin } from '../run-broken.js';

type Forward = (nn: Operations<unknown>, x: unknown, valid: Network) => unknown;
const backbone = (title: string, says: RegExp, forward: Forward, code?: string): BrokenPlugin =>
  broken({ kind: 'backbone', title, says, ...(code && { code }), make: (valid) => ({ forward: (nn: never, x: never) => forward(nn, x, valid) }) }); // prettier-ignore
const isShape = Array.isArray;
const LINEAR = { units: 2, bias: false } as const;

/** Broken backbones. */
export const NETWORKS: readonly BrokenPlugin[] = [
  broken({ kind: 'backbone', title: 'has no forward', says: /^makes an object without `forward`, a function/, make: () => ({}) }),
  backbone('returns images instead of features', /^returns \[4,2,2,2\] from `forward`; expected features \[N,D\]/, (nn, x) => nn.conv2d(x, 'conv', { filters: 2, kernel: 2, stride: 2, padding: 0 })),
  backbone('has a kernel of no size', /^failed in `forward`: .*conv has `kernel` 0; expected a whole number of at least 1/, (nn, x) => nn.globalAveragePool(nn.conv2d(x, 'conv', { filters: 2, kernel: 0, stride: 2, padding: 0 })), 'NETWORK_INVALID'),
  backbone('has filters that are text', /^failed in `forward`: .*conv has `filters` "8"; expected a whole number of at least 1/, (nn, x) => nn.globalAveragePool(nn.conv2d(x, 'conv', { filters: '8' as never, kernel: 1, stride: 1, padding: 0 })), 'NETWORK_INVALID'),
  backbone('has two layers of one name that differ', /^failed in `forward`: .*fc\.bias belongs to two layers of the same name that differ/, (nn, x, valid) => nn.linear(nn.linear(valid.forward(nn, x), 'fc', { units: 2, bias: true }), 'fc', { units: 2, bias: 'frozen' }), 'NETWORK_INVALID'),
  backbone('returns nothing', /^returns undefined from `forward`; expected what the last operation returns/, () => undefined),
  backbone('returns a number', /^returns 7 from `forward`/, () => 7),
  backbone('returns features in its description and images in a step', /^returns \[4,4,4,1\] from `forward`; expected features/, (_, x) => (isShape(x) ? [4, 1] : x)),
  backbone('returns a shape in a step', /^returns a list of 2 from `forward`; expected what the last operation returns/, () => [4, 1]),
  backbone('throws', /^failed in `forward`: no depth\.$/, () => { throw new Error('no depth'); }),
  backbone('reads a parameter that it did not name', /^failed in `forward`: .*late\.weight.* \(layer `late`\)/, (nn, x, valid) => {
    const features = valid.forward(nn, x);
    return isShape(x) ? features : nn.linear(features, 'late', LINEAR);
  }),
  backbone('reads a statistic that it did not name', /^failed in `forward`: .*late.*\(layer `late`\)/, (nn, x, valid) => {
    const features = valid.forward(nn, x);
    return isShape(x) ? features : nn.batchNorm(features, 'late', { affine: false });
  }),
  backbone('has a layer of another width in a step', /^failed in `forward`: .*\(layer `fc`\)/, (nn, x, valid) => {
    return nn.linear(isShape(x) ? valid.forward(nn, x) : nn.globalAveragePool(x), 'fc', LINEAR);
  }),
]; // prettier-ignore
