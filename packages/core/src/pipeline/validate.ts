import { Ajv, type ValidateFunction } from 'ajv';
import { pluginBroken, unknownPlugin } from '../plugin/plugin-errors.js';
import { missingKey, unknownKey, wrongType } from './value-errors.js';
import { nearestName } from '../nearest-name.js';
import type { Kind } from '../kinds/kinds.js';
import type { AnyPlugin } from '../plugin/contract.js';
import type { BasePipeline, Registry } from '../plugin/registry.js';
import type { Path } from './locate.js';
import { problems, type Problem } from './problem.js';
import { isOpenKey, isRecord, openedKinds, slots, type Slot } from './references.js';
import { PIPELINE_KEYS, PLAIN_REFERENCE, pipelineSchema, REQUIRED_KEYS } from './pipeline-schema.js';

export interface Validator {
  /** Fills in all defaults of pipelines, in place, and reports nothing. */
  fill(document: unknown, registry: Registry | undefined): void;
  /** Fills in the defaults of all plugins' options, in place, and reports nothing. */
  fillOptions(document: unknown, registry: Registry): void;
  /** Fills in all defaults, in place, and reports everything that is wrong. Without a registry plugins are not looked up. */
  validate(document: unknown, registry: Registry | undefined): Problem[];
}

/** Fills in the defaults of a plugin's options, in place, and says everything that is wrong. `path` is where they stand, `from` the plugin's package. */
export type ValidateOptions = (plugin: AnyPlugin, options: unknown, path: Path, from?: string) => Problem[];

/** Makes a validator: first the skeleton of the pipeline, then the options of each plugin against its own schema. */
export function createValidator(): Validator {
  const ajv = createAjv();
  // Compiled once for each base pipeline: a process has one, tests more.
  const compiled = new Map<BasePipeline, ValidateFunction>();
  const skeletonOf = (base: BasePipeline = NO_BASE): ValidateFunction => {
    let check = compiled.get(base);
    if (check === undefined) {
      // Which other keys there are depends on the plugins.
      const open = { additionalProperties: true, required: REQUIRED_KEYS };
      check = ajv.compile({ ...pipelineSchema(() => PLAIN_REFERENCE, base), ...open });
      compiled.set(base, check);
    }
    return check;
  };
  const reference = ajv.compile(PLAIN_REFERENCE);
  const validateOptions = createOptionsValidator(ajv);

  function checkSlot({ kind, path, value }: Slot, registry: Registry): Problem[] {
    if (!isRecord(value) || typeof value['use'] !== 'string') return [];
    const name = value['use'];
    const plugin = registry.get(kind, name);
    if (plugin === undefined && isUnknownKind(kind, registry)) return []; // its key is the problem
    if (plugin === undefined) {
      const known = registry.list(kind).map((one) => one.name);
      return [{ path: [...path, 'use'], at: 'value', error: (location) => unknownPlugin(kind, name, known, location) }];
    }
    const from = registry.packageOf(kind, name)?.name;
    return isRecord(value['with']) ? validateOptions(plugin, value['with'], [...path, 'with'], from) : [];
  }

  /** The keys that the skeleton leaves open: references of kinds that plugins open, or unknown. */
  function checkOpenKeys(document: Record<string, unknown>, registry: Registry | undefined): Problem[] {
    const opened: readonly string[] = registry ? openedKinds(registry) : [];
    const known = [...PIPELINE_KEYS, ...opened];
    return Object.entries(document).flatMap(([key, value]): Problem[] => {
      if (PIPELINE_KEYS.includes(key)) return [];
      if (opened.includes(key)) {
        reference(value);
        return problems(reference.errors, [key]);
      }
      // It may be a kind of a plugin that could not be loaded, unless it looks like a slip.
      if (registry === undefined && nearestName(key, PIPELINE_KEYS) === undefined) return [];
      return [{ path: [key], at: 'key', error: (location) => unknownKey(key, 'the pipeline', known, location) }];
    });
  }

  return {
    fill(document, registry) {
      skeletonOf(registry?.base)(document);
    },
    fillOptions(document, registry) {
      for (const slot of slots(document)) checkSlot(slot, registry);
    },
    validate(document, registry) {
      if (!isRecord(document)) {
        const found =
          document === null || document === undefined ? 'nothing' : Array.isArray(document) ? 'a list' : 'text';
        return [
          {
            path: [],
            at: 'value',
            error: (location) => wrongType('a mapping', found, 'the top of the file', location),
          },
        ];
      }
      const skeleton = skeletonOf(registry?.base);
      skeleton(document);
      const found = [...problems(skeleton.errors), ...checkOpenKeys(document, registry)];
      if (registry === undefined) return found;
      const inSlots = slots(document).flatMap((slot) => [
        ...checkSlot(slot, registry),
        ...checkNeeds(slot, document, registry),
      ]);
      return [...found, ...inSlots];
    },
  };
}

const NO_BASE: BasePipeline = {};

/** What a plugin needs must be there; of the built-in kinds, it is. */
function checkNeeds({ kind, path, value }: Slot, document: Record<string, unknown>, registry: Registry): Problem[] {
  const name = isRecord(value) ? String(value['use']) : '';
  const missing = registry
    .get(kind, name)
    ?.needs?.filter((needed) => isOpenKey(needed) && !Object.hasOwn(document, needed));
  return (missing ?? []).map((needed) => {
    const known = registry.list(needed).map((one) => one.name);
    const hint = `The ${kind} \`${name}\` needs it. ${known.length > 0 ? `Available: ${known.join(', ')}.` : 'No loaded plugin is of that kind.'}`;
    return { path, at: 'value', error: (location) => missingKey(needed, 'the pipeline', location, hint) };
  });
}

function isUnknownKind(kind: Kind, registry: Registry): boolean {
  return isOpenKey(kind) && registry.list(kind).length === 0;
}

/** Makes a validator of options alone. Each schema is compiled once. */
export function createOptionsValidator(ajv: Ajv = createAjv()): ValidateOptions {
  const compiled = new Map<object, ValidateFunction>();
  return ({ kind, name, options: schema }, options, path, from = name) => {
    let check = compiled.get(schema);
    try {
      check ??= ajv.compile(schema);
    } catch (cause) {
      const reason = `the options schema of the ${kind} \`${name}\` is not valid: ${cause instanceof Error ? cause.message : String(cause)}`;
      return [{ path: path.slice(0, -1), at: 'value', error: (location) => pluginBroken(from, reason, { location }) }];
    }
    compiled.set(schema, check);
    check(options);
    return problems(check.errors, path);
  };
}

function createAjv(): Ajv {
  return new Ajv({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allErrors: true,
    useDefaults: true,
    verbose: true,
  });
}
