import assert from 'node:assert/strict';
import ts from 'typescript';

/** What a plugin's author may get wrong, and the line that the compiler must refuse. Lines that end in `// refused` must not compile. */
const PROGRAMS: { readonly [title: string]: string } = {
  'a plugin that is right compiles': `
    export const p = definePlugin({
      kind: 'method', name: 'm', summary: 's', needs: ['backbone'],
      options: { ...options, properties: { dim: { type: 'integer', default: 3, description: 'd' }, odd: { type: 'boolean', description: 'd' } } },
      create({ dim, odd }, { needs, tf }) {
        const width: number = dim;
        const maybe: boolean | undefined = odd;
        const network: Network = needs.backbone;
        return { views: 2, projector: network, heads: {}, online: () => width, targets: () => maybe, loss: () => tf.scalar(0), features: () => tf.zeros([1, 1]) };
      },
    });`,
  'an option that is a number or a pair compiles': `
    export const p = definePlugin({
      kind: 'observer', name: 'o', summary: 's',
      options: { ...options, properties: { size: { type: ['integer', 'array'], items: { type: 'integer' }, minItems: 2, maxItems: 2, default: 3, description: 'd' } } },
      create({ size }) {
        const pair: readonly [number, number] = typeof size === 'number' ? [size, size] : size;
        return observer;
      },
    });`,
  'a kind of a third party compiles, and so does what uses it': `
    declare module '@ssql/core' {
      interface PluginKinds { teacher: { readonly network: Network } }
    }
    declare const network: Network;
    export const teacher = definePlugin({
      kind: 'teacher', name: 't', summary: 's', options, needs: ['backbone'], create: (_, { needs }) => ({ network: needs.backbone }),
    });
    export const student = definePlugin({
      kind: 'backbone', name: 'b', summary: 's', options, needs: ['teacher'],
      create(_, { needs }) {
        const taught: Network = needs.teacher.network;
        return taught;
      },
    });`,
  'checks, fingerprints, disposal and operations of the engine compile': `
    declare module '@ssql/core' {
      interface PluginKinds { mentor: { readonly rate: number }; pace: () => number }
    }
    export const mentor = definePlugin({
      kind: 'mentor', name: 't', summary: 's',
      options: { ...options, properties: { weights: { type: 'string', default: 'w', description: 'd' } } },
      check({ weights }, pipeline) { const file: string = weights; const train: unknown = pipeline['train']; },
      fingerprint: async ({ weights }, { folder }) => folder + weights,
      create: (_, { tf, ops }) => ({ rate: ops.relu(tf.scalar(1)).size, dispose: async () => undefined }),
    });
    export const pace = definePlugin({ kind: 'pace', name: 'p', summary: 's', options, create: () => () => 1 });`,
  'a fingerprint that is no text': `
    export const p = definePlugin({
      kind: 'observer', name: 'o', summary: 's', options,
      fingerprint: () => 3, // refused
      create: () => observer,
    });`,
  'a plugin of a kind of a third party that makes something else': `
    declare module '@ssql/core' {
      interface PluginKinds { critic: { readonly network: Network } }
    }
    export const critic = definePlugin({
      kind: 'critic', name: 'c', summary: 's', options,
      create: () => observer, // refused
    });`,
  'what a plugin of a kind of a third party makes, used as something else': `
    declare module '@ssql/core' {
      interface PluginKinds { judge: { readonly network: Network } }
    }
    export const student = definePlugin({
      kind: 'backbone', name: 'b', summary: 's', options, needs: ['judge'],
      create: (_, { needs }) => needs.judge, // refused
    });`,
  'a custom gradient that is right compiles, and keeps the types of its tensors': `
    export const product: Tensor2D = customGradient(
      tf,
      { x, scale },
      ({ x, scale }) => ({ value: tf.mul<Tensor2D>(x, scale), saved: { x, scale } }),
      (dy, { x, scale }) => ({ x: tf.mul(dy, scale), scale: sumTo(tf, tf.mul(dy, x), scale) }),
    );
    export const rounded: Tensor2D = roundStraightThrough(tf, x);
    export const nothingSaved = customGradient(tf, { x }, ({ x }) => ({ value: tf.round(x) }), (dy) => ({ x: dy }));`,
  'a custom gradient without the gradient of an input': `
    export const product = customGradient(
      tf,
      { x, scale },
      ({ x, scale }) => ({ value: tf.mul(x, scale), saved: { scale } }),
      (dy, { scale }) => ({ x: tf.mul(dy, scale) }), // refused
    );`,
  'a custom gradient of what is no input': `
    export const product = customGradient(
      tf,
      { x, scale },
      ({ x, scale }) => ({ value: tf.mul(x, scale), saved: { scale } }),
      (dy, { scale }) => ({ x: tf.mul(dy, scale), scale: tf.sum(dy), step: dy }), // refused
    );`,
  'a custom gradient that is no tensor': `
    export const product = customGradient(
      tf,
      { x, scale },
      ({ x, scale }) => ({ value: tf.mul(x, scale), saved: { scale } }),
      (dy, { scale }) => ({ x: tf.mul(dy, scale), scale: 0 }), // refused
    );`,
  'an input that a custom gradient has not': `
    export const product = customGradient(
      tf,
      { x, scale },
      ({ x, step }) => ({ value: tf.mul(x, step) }), // refused
      (dy) => ({ x: dy, scale: tf.sum(dy) }),
    );`,
  'a tensor that a custom gradient has not saved': `
    export const product = customGradient(
      tf,
      { x, scale },
      ({ x, scale }) => ({ value: tf.mul(x, scale), saved: { x } }),
      (dy, { x, scale }) => ({ x: tf.mul(dy, scale), scale: tf.sum(tf.mul(dy, x)) }), // refused
    );`,
  'an option that the schema has not': `
    export const p = definePlugin({
      kind: 'observer', name: 'o', summary: 's', options: { ...options, properties: { momentum: { type: 'number', default: 0.9, description: 'd' } } },
      create: ({ momentun }) => observer, // refused
    });`,
  'an option used as another type': `
    export const p = definePlugin({
      kind: 'observer', name: 'o', summary: 's', options: { ...options, properties: { momentum: { type: 'number', default: 0.9, description: 'd' } } },
      create({ momentum }) {
        const text: string = momentum; // refused
        return observer;
      },
    });`,
  'an option that may be left out, used as if it were there': `
    export const p = definePlugin({
      kind: 'observer', name: 'o', summary: 's', options: { ...options, properties: { momentum: { type: 'number', description: 'd' } } },
      create({ momentum }) {
        const value: number = momentum; // refused
        return observer;
      },
    });`,
  'a value that the enum has not': `
    export const p = definePlugin({
      kind: 'observer', name: 'o', summary: 's', options: { ...options, properties: { side: { enum: ['left', 'right'], default: 'left', description: 'd' } } },
      create({ side }) {
        return side === 'middle' ? observer : observer; // refused
      },
    });`,
  'an option without a description': `
    export const p = definePlugin({
      kind: 'observer', name: 'o', summary: 's',
      options: { type: 'object', additionalProperties: false, properties: { momentum: { type: 'number' } } }, // refused
      create: () => observer,
    });`,
  'a plugin that is used but not named in needs': `
    export const p = definePlugin({
      kind: 'observer', name: 'o', summary: 's', options, needs: ['data'],
      create(_, { needs }) {
        const network = needs.backbone; // refused
        return observer;
      },
    });`,
  'no needs at all': `
    export const p = definePlugin({
      kind: 'observer', name: 'o', summary: 's', options,
      create(_, { needs }) {
        const dataset = needs.data; // refused
        return observer;
      },
    });`,
  'a kind that does not exist in needs': `
    export const p = definePlugin({
      kind: 'observer', name: 'o', summary: 's', options,
      needs: ['backbones'], // refused
      create: () => observer,
    });`,
  'a kind that does not exist': `
    export const p = definePlugin({
      kind: 'quantiser', // refused
      name: 'q', summary: 's', options, create: () => observer,
    });`,
  'a stage of another kind': `
    export const p = definePlugin({
      kind: 'quantizer', name: 'q', summary: 's', options,
      create: () => observer, // refused
    });`,
  'a stage with a scope that there is not': `
    export const p = definePlugin({
      kind: 'stage', name: 'q', summary: 's', options,
      create: () => ({ scope: 'epoch', run: async () => undefined }), // refused
    });`,
  'a tester of another kind': `
    const plugin = definePlugin({ kind: 'observer', name: 'o', summary: 's', options, create: () => observer });
    QuantizerTester.run(plugin, { valid: [{ options: {} }], invalid: [] }); // refused
    `,
  'an option of a test case that the schema has not': `
    const plugin = definePlugin({ kind: 'observer', name: 'o', summary: 's', options: { ...options, properties: { side: { enum: ['left', 'right'], default: 'left', description: 'd' } } }, create: () => observer });
    ObserverTester.run(plugin, { valid: [{ options: { momentum: 1 } }], invalid: [] }); // refused
    `,
};

const PREAMBLE = `
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { customGradient, definePlugin, roundStraightThrough, sumTo, type Network, type Observer, type Tf } from '@ssql/core';
import { ObserverTester, QuantizerTester } from '@ssql/core/testing';
declare const observer: Observer;
declare const tf: Tf;
declare const x: Tensor2D;
declare const scale: Scalar;
const options = { type: 'object', additionalProperties: false, properties: {} } as const;
`;

describe('types of plugins', function () {
  this.timeout(120_000);
  const found = new Map<string, string[]>();
  before(() => {
    const sources = new Map(
      Object.values(PROGRAMS).map((text, index) => [
        `${process.cwd()}/test/types/program-${index}.ts`,
        PREAMBLE + text,
      ]),
    );
    const { config } = ts.readConfigFile('tsconfig.json', (file) => ts.sys.readFile(file));
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd());
    const host = ts.createCompilerHost(options);
    const { getSourceFile, fileExists, readFile } = host;
    host.fileExists = (file) => sources.has(file) || fileExists.call(host, file);
    host.readFile = (file) => sources.get(file) ?? readFile.call(host, file);
    host.getSourceFile = (file, languageVersion, ...rest) => {
      const text = sources.get(file);
      if (text !== undefined) return ts.createSourceFile(file, text, languageVersion);
      return getSourceFile.call(host, file, languageVersion, ...rest);
    };
    const program = ts.createProgram([...sources.keys()], options, host);
    for (const [index, title] of Object.keys(PROGRAMS).entries()) {
      const source = program.getSourceFile(`${process.cwd()}/test/types/program-${index}.ts`)!;
      const lines = source.text.split('\n');
      const refused = ts.getPreEmitDiagnostics(program, source).map(({ start = 0, messageText }) => {
        const { line } = source.getLineAndCharacterOfPosition(start);
        return `${lines[line]!.trim()}  <- ${ts.flattenDiagnosticMessageText(messageText, ' ').slice(0, 200)}`;
      });
      found.set(title, refused);
    }
  });

  for (const [title, text] of Object.entries(PROGRAMS)) {
    const expected = text.split('\n').filter((line) => line.includes('// refused'));
    it(expected.length > 0 ? `refuse ${title}` : title, () => {
      const refused = found.get(title)!;
      for (const one of refused) assert.ok(one.includes('// refused'), one);
      assert.equal(refused.length > 0, expected.length > 0, 'it compiles');
    });
  }
});
