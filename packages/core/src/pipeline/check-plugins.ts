import { PipelineErrors, SsqlError, withLocation } from '../errors.js';
import { messageOf, shown } from '../values.js';
import { pluginBroken } from '../plugin/plugin-errors.js';
import type { Registry } from '../plugin/registry.js';
import type { LoadedCell } from './load.js';
import type { Reference } from './pipeline.js';
import { slots } from './references.js';

/** The problems that plugins find in their options, each at its option. The pipeline is valid otherwise. */
export function checkPlugins({ pipeline, location }: LoadedCell, registry: Registry): readonly SsqlError[] {
  return slots(pipeline, registry).flatMap(({ kind, path, value }) => {
    const { use, with: options } = value as Reference; // every slot of a valid pipeline is a reference
    const plugin = registry.get(kind, use);
    const broken = (reason: string, cause?: unknown): SsqlError =>
      pluginBroken(registry.packageOf(kind, use)?.name ?? use, `the ${kind} \`${use}\` ${reason}`, {
        location: location(path),
        cause,
      });
    try {
      const result: unknown = plugin?.check?.(options as never, pipeline as never); // both were validated
      if (result === undefined) return [];
      if (result instanceof Promise) result.catch(() => undefined); // it is an error already
      return [broken(`returns ${shown(result)} from \`check\`; it must return nothing, and throw what is wrong`)];
    } catch (error) {
      const place = ({ details: { option } }: SsqlError): typeof path =>
        option === undefined ? path : [...path, 'with', option];
      if (error instanceof SsqlError) return [withLocation(error, location(place(error)))];
      if (error instanceof PipelineErrors)
        return error.errors.map((problem) => withLocation(problem, location(place(problem))));
      return [broken(`failed in \`check\`: ${messageOf(error)}`, error)];
    }
  });
}
