import type { Kind } from '../kinds.js';
import { assignerChecks } from './assigner.js';
import { augmentationChecks } from './augmentation.js';
import type { AnyChecks } from './checks.js';
import { dataChecks } from './data.js';
import { loggerChecks } from './logger.js';
import { methodChecks } from './method.js';
import { networkChecks } from './network.js';
import { observerChecks } from './observer.js';
import { optimizerChecks } from './optimizer.js';
import { quantizerChecks } from './quantizer.js';
import { samplerChecks } from './sampler.js';
import { scheduleChecks } from './schedule.js';
import { stageChecks } from './stage.js';
import { wrapperChecks } from './wrapper.js';

/** What `guard` checks of the products of each kind, besides their required members. */
export const CHECKS: { readonly [K in Kind]?: AnyChecks } = {
  data: dataChecks,
  augmentation: augmentationChecks,
  backbone: networkChecks,
  method: methodChecks,
  wrapper: wrapperChecks,
  quantizer: quantizerChecks,
  observer: observerChecks,
  sampler: samplerChecks,
  optimizer: optimizerChecks,
  schedule: scheduleChecks,
  assigner: assignerChecks,
  stage: stageChecks,
  logger: loggerChecks,
};
