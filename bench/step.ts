import type { Bench } from './bench.js';
import { report } from './format.js';
import { measureOurs, summary } from './ours.js';
import { measurePeer } from './peer.js';

/** Our training step beside PyTorch's: SSQL-SimSiam, ResNet-18 with the CIFAR stem, one after the other. */
export const stepBench: Bench = {
  summary: 'the training step of SSQL-SimSiam, ResNet-18 for CIFAR, beside PyTorch',
  steps: 5,
  async run(options) {
    const ours = summary(await measureOurs(options, { network: 'resnet18' }));
    if (options.oursOnly) return report(options, { ours });
    const peer = await measurePeer(options);
    return report(options, 'missing' in peer ? { ours, peerMissing: peer.missing } : { ours, peer: peer.measurement });
  },
};
