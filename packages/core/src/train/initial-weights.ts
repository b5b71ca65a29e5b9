import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import picomatch from 'picomatch';
import { sha256 } from '../artifact/checksum.js';
import { decodeForeignWeights } from '../artifact/foreign-weights.js';
import { fromTorch, toTorch } from '../artifact/torch-layout.js';
import type { NamedWeights } from '../kinds/run-record.js';
import { SsqlError, type Location } from '../errors.js';
import { refuseSpecialFile } from '../regular-file.js';
import { initialFileMissing, initialMismatch } from './train-errors.js';
import type { ConvolutionInitialization } from '../nn/initialize.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import type { Model } from './model.js';

/** How a model's tensors start. */
export interface InitialWeights {
  /** Initial values in our layout, instead of random values, by name. */
  readonly values?: ReadonlyMap<string, Float32Array> | undefined;
  /** How convolutions start that have no such value; default: normal. */
  readonly convolutions?: ConvolutionInitialization | undefined;
}

/** A file of initial weights, as a pipeline names it. */
export type InitialFile = Pick<NonNullable<Pipeline['initial']>, 'prefix' | 'ignore'> & { readonly weights: string };

/** The hash of the bytes of a file of initial weights. @throws SsqlError INITIAL_FILE_MISSING, FILE_SPECIAL */
export async function hashInitialWeights(
  { weights }: Pick<InitialFile, 'weights'>,
  folder: string,
  location: Location | undefined,
): Promise<string> {
  return sha256(await readBytes(resolve(folder, weights), location));
}

/**
 * Reads initial values, in our layout, from a safetensors file in torch's layout. All tensors of the backbone must be present; those
 * of other networks are optional. `num_batches_tracked`, a counter of PyTorch that nothing here reads, is ignored.
 * @param folder the pipeline's folder; relative paths start there
 * @throws SsqlError INITIAL_FILE_MISSING, FILE_SPECIAL, INITIAL_MISMATCH, CHECKPOINT_CORRUPT
 */
export async function readInitialWeights(
  { weights, prefix, ignore }: InitialFile,
  model: Pick<Model, 'parameters' | 'statistics' | 'backboneDescription'>,
  folder: string,
  location: Location | undefined,
): Promise<ReadonlyMap<string, Float32Array>> {
  const file = resolve(folder, weights);
  const bytes = await readBytes(file, location);
  const all = decode(bytes, file, location);
  const ignored = picomatch([...ignore]);
  const candidates = all
    .filter(({ name }) => name.startsWith(prefix))
    .map((tensor) => ({ ...tensor, name: tensor.name.slice(prefix.length) }))
    .filter(({ name }) => !name.endsWith('num_batches_tracked') && !ignored(name));
  const problems = compare(candidates, model);
  if (problems.length > 0) {
    const names = all.map(({ name }) => name);
    throw initialMismatch(file, problems, hintFor(names, prefix, candidates, model), location);
  }
  return new Map(candidates.map(({ name, shape, values }) => [name, fromTorch(values, shape).values]));
}

async function readBytes(file: string, location: Location | undefined): Promise<Buffer> {
  refuseSpecialFile(file, { location });
  return readFile(file).catch((cause: unknown) => {
    throw initialFileMissing(file, location, cause);
  });
}

function decode(bytes: Uint8Array, file: string, location: Location | undefined): readonly NamedWeights[] {
  try {
    return decodeForeignWeights(bytes);
  } catch (error) {
    if (!(error instanceof SsqlError)) throw error;
    throw new SsqlError(error.code, `${file}: ${error.message}`, { location, cause: error, hint: NOT_SAFETENSORS });
  }
}

const NOT_SAFETENSORS = 'Save a PyTorch checkpoint with `safetensors.torch.save_file`.';

function compare(candidates: readonly NamedWeights[], model: Parameters<typeof readInitialWeights>[1]): string[] {
  const { backboneDescription: backbone } = model;
  const known = new Map([...model.parameters, ...model.statistics].map(({ name, shape }) => [name, torchShape(shape)]));
  const present = new Set(candidates.map(({ name }) => name));
  const missing = [...backbone.parameters, ...backbone.statistics]
    .map(({ name }) => name)
    .filter((name) => !present.has(name));
  const unexpected = candidates.map(({ name }) => name).filter((name) => !known.has(name));
  const differing = candidates.flatMap(({ name, shape }) => {
    const expected = known.get(name);
    return expected === undefined || expected.join() === shape.join()
      ? []
      : [`${name} is [${shape.join()}] in the file and [${expected.join()}] in the network`];
  });
  const broken = candidates.filter(({ values }) => !values.every(Number.isFinite)).map(({ name }) => name);
  return [
    ...(missing.length > 0 ? [`missing ${listed(missing)}`] : []),
    ...(unexpected.length > 0 ? [`unknown ${listed(unexpected)}`] : []),
    ...(differing.length > 0 ? [listed(differing)] : []),
    ...(broken.length > 0 ? [`values that are not finite in ${listed(broken)}`] : []),
  ];
}

function torchShape(shape: readonly number[]): readonly number[] {
  return toTorch(new Float32Array(), shape).shape;
}

/** Most names in a message; a wrong prefix makes hundreds. */
const MOST_LISTED = 5;

function listed(items: readonly string[]): string {
  const more = items.length - MOST_LISTED;
  return `${items.slice(0, MOST_LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** A likely fix: another prefix, or ignoring the tensors that are not in the backbone. */
function hintFor(
  names: readonly string[],
  prefix: string,
  candidates: readonly NamedWeights[],
  model: Parameters<typeof readInitialWeights>[1],
): string | undefined {
  const first = model.backboneDescription.parameters[0]?.name ?? '';
  const other = names.find((name) => name.endsWith(`.${first}`) || name === first)?.slice(0, -first.length);
  if (other !== undefined && other !== prefix) return other === '' ? 'Remove `prefix`.' : `Set \`prefix: ${other}\`.`;
  const known = new Set([...model.parameters, ...model.statistics].map(({ name }) => name));
  const tops = new Set(candidates.filter(({ name }) => !known.has(name)).map(({ name }) => `${name.split('.')[0]}.*`));
  return tops.size === 0
    ? undefined
    : `To ignore tensors, set \`ignore: [${[...tops].map((top) => `'${top}'`).join(', ')}]\`.`;
}
