import { Ajv, type ValidateFunction } from 'ajv';
import { pluginBroken, unknownPlugin } from '../plugin/plugin-errors.js';
import { missingKey, topOfFile, unknownKey } from './value-errors.js';
import { nearestName } from '../nearest-name.js';
import type { Location, SsqlError } from '../errors.js';
import { kindEntry, type Kind } from '../kinds/kinds.js';
import type { AnyPlugin } from '../plugin/contract.js';
import type { BasePipeline, Registry } from '../plugin/registry.js';
import type { Path } from './locate.js';
import { problems, type Problem } from './problem.js';
import { withReferences } from './nested-references.js';
import {
  expandNamesIn,
  isOpenKey,
  isRecord,
  openedKinds,
  slots,
  slotsIn,
  slotsWithin,
  type Slot,
} from './references.js';
import { PIPELINE_KEYS, PLAIN_REFERENCE, pipelineSchema, REQUIRED_KEYS } from './pipeline-schema.js';

export interface Validator {
  /** Fills in all defaults of pipelines, in place, without reporting problems. */
  fill(document: unknown, registry: Registry | undefined): void;
  /** Fills in the defaults of all plugins' options, in place, without reporting problems. */
  fillOptions(document: unknown, registry: Registry): void;
  /** Fills in all defaults, in place, and returns all problems. Without a registry, plugins are not checked. */
  validate(document: unknown, registry: Registry | undefined): Problem[];
}

/** Fills in the defaults of a plugin's options, in place, and returns all problems. `path` is the path of the options, `from` the plugin's package. */
export type ValidateOptions = (plugin: AnyPlugin, options: unknown, path: Path, from?: string) => Problem[];

/** Makes a validator that checks the keys of a pipeline, then the options of each plugin against its schema. */
export function createValidator(): Validator {
  const ajv = createAjv();
  // Compiled once for each base pipeline. A process has a single one; tests have more.
  const compiled = new Map<BasePipeline, ValidateFunction>();
  const pipelineCheckOf = (base: BasePipeline = NO_BASE): ValidateFunction => {
    let check = compiled.get(base);
    if (check === undefined) {
      // Other keys depend on the plugins.
      const open = { additionalProperties: true, required: REQUIRED_KEYS };
      check = ajv.compile({ ...pipelineSchema(() => PLAIN_REFERENCE, base), ...open });
      compiled.set(base, check);
    }
    return check;
  };
  const reference = ajv.compile(PLAIN_REFERENCE);
  const validateOptions = createOptionsValidator(ajv);

  function checkSlot(slot: Slot, registry: Registry): Problem[] {
    const { kind, path, value } = slot;
    if (!isRecord(value) || typeof value['use'] !== 'string') return [];
    const name = value['use'];
    const plugin = registry.get(kind, name);
    if (plugin === undefined && isUnknownKind(kind, registry)) return []; // its key is reported instead
    if (plugin === undefined) {
      const known = registry.list(kind).map((candidate) => candidate.name);
      const elsewhere = placeOfName(name, registry);
      const error = (location: Location): SsqlError => unknownPlugin(kind, name, known, location, elsewhere);
      return [{ path: [...path, 'use'], at: 'value', error }];
    }
    const from = registry.packageOf(kind, name)?.name;
    if (!isRecord(value['with'])) return [];
    const invalid = validateOptions(plugin, value['with'], [...path, 'with'], from);
    // Validation has filled in defaults, which may be names of plugins.
    expandNamesIn(slot, registry);
    return [...invalid, ...slotsIn(slot, registry).flatMap((inner) => checkSlot(inner, registry))];
  }

  /** Checks the keys that the schema of pipelines does not define: references of kinds that plugins add, or unknown keys. */
  function checkOpenKeys(document: Record<string, unknown>, registry: Registry | undefined): Problem[] {
    const opened: readonly string[] = registry ? openedKinds(registry) : [];
    const known = [...PIPELINE_KEYS, ...opened];
    return Object.entries(document).flatMap(([key, value]): Problem[] => {
      if (PIPELINE_KEYS.includes(key)) return [];
      if (opened.includes(key)) {
        reference(value);
        return problems(reference.errors, [key]);
      }
      // The key may be a kind of a plugin that could not be loaded, unless it looks misspelled.
      if (registry === undefined && nearestName(key, PIPELINE_KEYS) === undefined) return [];
      return [{ path: [key], at: 'key', error: (location) => unknownKey(key, 'the pipeline', known, location) }];
    });
  }

  return {
    fill(document, registry) {
      pipelineCheckOf(registry?.base)(document);
    },
    fillOptions(document, registry) {
      for (const slot of slots(document)) checkSlot(slot, registry);
    },
    validate(document, registry) {
      if (!isRecord(document)) return [{ path: [], at: 'value', error: (location) => topOfFile(document, location) }];
      const checkPipeline = pipelineCheckOf(registry?.base);
      checkPipeline(document);
      const inPipeline = [...problems(checkPipeline.errors), ...checkOpenKeys(document, registry)];
      if (registry === undefined) return inPipeline;
      const inSlots = slots(document).flatMap((slot) => [
        ...checkSlot(slot, registry),
        ...[slot, ...slotsWithin(slot, registry)].flatMap((user) => checkNeeds(user, document, registry)),
      ]);
      return [...inPipeline, ...inSlots];
    },
  };
}

const NO_BASE: BasePipeline = {};

/** Checks that the pipeline has the plugins that a plugin needs. Those of built-in kinds always exist. */
function checkNeeds({ kind, path, value }: Slot, document: Record<string, unknown>, registry: Registry): Problem[] {
  const name = isRecord(value) ? String(value['use']) : '';
  const missing = registry
    .get(kind, name)
    ?.needs?.filter((needed) => isOpenKey(needed) && !Object.hasOwn(document, needed));
  return (missing ?? []).map((needed) => {
    const known = registry.list(needed).map((candidate) => candidate.name);
    const hint = `The ${kind} \`${name}\` needs it. ${known.length > 0 ? `Available: ${known.join(', ')}.` : 'No loaded plugin has that kind.'}`;
    return { path, at: 'value', error: (location) => missingKey(needed, 'the pipeline', location, hint) };
  });
}

/** The kind of a plugin of a name, and the first place of that kind in a pipeline. */
function placeOfName(name: string, registry: Registry): { readonly kind: Kind; readonly place: string } | undefined {
  const plugin = registry.list().find((candidate) => candidate.name === name);
  if (plugin === undefined) return undefined;
  const place = kindEntry(plugin.kind)?.places[0]?.path ?? plugin.kind;
  return { kind: plugin.kind, place: place.replace(/\.\*$/, '') };
}

function isUnknownKind(kind: Kind, registry: Registry): boolean {
  return isOpenKey(kind) && registry.list(kind).length === 0;
}

/** Makes a validator for options only. Each schema is compiled once. */
export function createOptionsValidator(ajv: Ajv = createAjv()): ValidateOptions {
  const compiled = new Map<object, ValidateFunction>();
  return ({ kind, name, options: schema }, options, path, from = name) => {
    let check = compiled.get(schema);
    try {
      check ??= ajv.compile(withReferences(schema, () => PLAIN_REFERENCE));
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
