import { lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeSafetensors, readRun, renderReport, renderTable, toTorch } from '@ssql/core/run';
import { describe } from '../../packages/core/src/nn/describe.js';
import { readInitialWeights } from '../../packages/core/src/train/initial-weights.js';
import { resnet18 } from '../../packages/plugins/src/backbone/resnet18.js';
import { cifar10 } from '../../packages/plugins/src/data/cifar10.js';
import { changeValue, pick } from '../pipeline/mutate.js';
import { make } from '../plugins/make-plugin.js';
import { damage, restore } from './damage.js';
import type { Fuzzer } from './fuzz.js';
import { printedBy } from './in-process.js';
import { RECORD, TINY } from './tiny-run.js';

/** Files of CIFAR-10. */
export function imageFuzzer(folder: string): Fuzzer {
  return {
    name: 'image files',
    async attempt(source, show) {
      const root = join(folder, 'images');
      restore(join(folder, 'data'), root);
      const file = join(root, pick(source, readdirSync(root)));
      if (source.uniform() < 0.3) {
        const bytes = readFileSync(file);
        bytes[RECORD * source.integer(bytes.length / RECORD)] = source.integer(256);
        writeFileSync(file, bytes);
        show(`${file}: another label`);
      } else show(damage(file, source));
      await make(cifar10, { root, batches: [1] });
    },
  };
}

/** Files of initial weights, their headers above all. */
export async function weightsFuzzer(folder: string): Promise<Fuzzer> {
  const network = await make<'backbone'>(resnet18, TINY.backbone.with);
  const description = describe(network, [2, 32, 32, 3]);
  const tensors = [...description.parameters, ...description.statistics].map(({ name, shape }) => ({
    name,
    ...toTorch(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape),
    dtype: 'F32' as const,
  }));
  const { header, data } = withoutChecksum(encodeSafetensors(tensors));
  const place = { file: join(folder, 'pipeline.yaml'), line: 1, column: 1, frame: '' };
  return {
    name: 'foreign weights',
    async attempt(source, show) {
      const file = join(folder, 'weights.safetensors');
      rmSync(file, { recursive: true, force: true });
      const document = structuredClone(header);
      if (source.uniform() < 0.6) changeValue(document, source);
      const json = Buffer.from(JSON.stringify(document));
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(source.uniform() < 0.1 ? 2n ** BigInt(source.integer(64)) : BigInt(json.length));
      writeFileSync(file, Buffer.concat([length, json, data]));
      show(source.uniform() < 0.5 ? damage(file, source) : json.toString().slice(0, 2000));
      const settings = { weights: file, prefix: '', ignore: [] };
      await readInitialWeights(settings, { ...description, backboneDescription: description }, folder, place);
    },
  };
}

function withoutChecksum(bytes: Uint8Array): { readonly header: object; readonly data: Uint8Array } {
  const end = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const { __metadata__: _, ...header } = JSON.parse(Buffer.from(bytes.subarray(8, end)).toString()) as {
    [name: string]: object;
  };
  return { header, data: bytes.subarray(end) };
}

/**
 * One or two damaged files of a finished run, read by `runs`, `diff` and the report.
 * @param finished the folder of a finished run
 */
export function runFuzzer(folder: string, finished: string): Fuzzer {
  const files = readdirSync(finished).filter((name) => /\.(json|ndjson|yaml|safetensors)$/.test(name));
  return {
    name: 'run folders',
    async attempt(source, show) {
      const run = join(folder, 'run');
      restore(finished, run);
      for (let count = 1 + source.integer(2); count > 0; count--) {
        const file = join(run, pick(source, files));
        // The first damage may have left no file.
        if (lstatSync(file, { throwIfNoEntry: false })?.isFile() === true) show(damage(file, source));
      }
      const readers = [
        async () => {
          const record = await readRun(run);
          renderTable([record]);
          await renderReport([record], { title: 'fuzz' });
        },
        () => printedBy('runs', run),
        () => printedBy('diff', run, finished),
      ];
      const failures: unknown[] = [];
      // In turn, because what they print is caught.
      for (const read of readers) await read().catch((error: unknown) => void failures.push(error));
      if (failures.length > 0)
        throw new AggregateError(
          failures.flatMap((error) => (error instanceof AggregateError ? (error.errors as unknown[]) : [error])),
        );
    },
  };
}
