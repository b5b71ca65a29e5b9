import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { definePlugin, type Kind, type SsqlError } from '@ssql/core';
import * as testing from '@ssql/core/testing';
import { ObserverTester, QuantizerTester, ScheduleTester, type TestFunctions } from '@ssql/core/testing';
import { minmax } from '../../packages/plugins/src/observer/minmax.js';
import { constant } from '../../packages/plugins/src/schedule/constant.js';
import { uniform } from '../../packages/plugins/src/quantizer/uniform.js';
import { outcomeOf } from './outcome.js';

const LAW = 'it is monotone';
const VALID = { valid: [{ options: {} }], invalid: [] };

describe('a tester', () => {
  const refused: readonly (readonly [title: string, cases: object, message: RegExp, hint?: RegExp])[] = [
    ['no valid case', { valid: [], invalid: [] }, /`valid` has no case/],
    ['no list of invalid cases', { valid: [{ options: {} }] }, /`invalid` is not a list/],
    ['an unknown key', { ...VALID, exmpt: {} }, /unknown key `exmpt`/, /`exempt`/],
    ['an unknown key of a case', { valid: [{ options: {}, bitz: [2] }], invalid: [] }, /case 1 of `valid`.*`bitz`/, /`bits`/],
    ['a code of a valid case', { valid: [{ options: {}, code: 'A' }], invalid: [] }, /unknown key `code`/],
    ['a case without options', { valid: [{}], invalid: [] }, /has no options/],
    ['an invalid case without a code', { ...VALID, invalid: [{ options: {} }] }, /has no code/],
    ['a case that appears twice', { valid: [{ options: { symmetric: false } }, { name: 'again', options: { symmetric: false } }], invalid: [] }, /again appears twice/],
    ['a name that appears twice', { valid: [{ name: 'a', options: {} }, { name: 'a', options: { symmetric: false } }], invalid: [] }, /a appears twice/],
    ['a companion of another kind', { ...VALID, companions: { teacher: { plugin: minmax } } }, /companion `teacher` has no plugin of the kind teacher/],
    ['an exemption from an unknown law', { ...VALID, exempt: { 'it is monoton': 'because it is not' } }, /unknown law `it is monoton`/, /`it is monotone`/],
    ['an exemption without a reason', { ...VALID, exempt: { [LAW]: 'because' } }, /has no reason/],
  ]; // prettier-ignore
  for (const [title, cases, message, hint = /(?:)/] of refused) {
    it(`refuses ${title}`, () => {
      assert.throws(() => QuantizerTester.run(uniform, cases as never), isInvalid(message, hint));
    });
  }

  it('refuses a plugin of another kind', () => {
    assert.throws(
      () => QuantizerTester.run(minmax as never, VALID),
      isInvalid(/is for the kind quantizer; minmax is of the kind observer/),
    );
  });

  it('refuses to run without describe and it', () => {
    const functions = {} as TestFunctions;
    assert.throws(
      () => QuantizerTester.run(uniform, VALID, functions),
      isInvalid(/`describe` and `it` are not defined/, /node:test/),
    );
  });

  it('makes what a plugin needs from the companions of its cases', async () => {
    const teacher = definePlugin({
      kind: 'teacher' as Kind,
      name: 'teacher',
      summary: 'Multiplies.',
      options: {
        type: 'object',
        additionalProperties: false,
        properties: { factor: { type: 'number', description: 'A factor.', default: 1 } },
      },
      create: ({ factor }) => ({ factor }) as never, // a kind of its own
    });
    const taught = definePlugin({
      ...constant,
      name: 'taught',
      needs: ['teacher' as Kind],
      create: (_, { needs }) => ({
        factor: () => (needs as unknown as { teacher: { factor: number } }).teacher.factor,
      }),
    }) as unknown as typeof constant;
    const run = async (options: { factor: number }) => {
      const companions = { teacher: { plugin: teacher, options } };
      return (await outcomeOf(ScheduleTester, taught, { ...VALID, companions })).failed.map(([law]) => law);
    };
    assert.deepEqual(await run({ factor: 2 }), []);
    assert.deepEqual(await run({ factor: -1 }), ['its factor is a finite number, not negative']);
    const { failed } = await outcomeOf(ScheduleTester, taught, VALID);
    assert.match(failed[0]![1].message, /taught needs a teacher, and testers have no plugin of that kind/);
  });

  it('is frozen and lists its laws', () => {
    assert.ok(Object.isFrozen(QuantizerTester) && Object.isFrozen(QuantizerTester.laws));
    assert.ok(QuantizerTester.laws.includes(LAW));
  });

  it('has exactly its laws as rows of docs/testing.md', () => {
    const page = readFileSync('docs/testing.md', 'utf8');
    for (const { kind, laws } of Object.values(testing)) {
      const section = page.split(`## Laws of ${kind === 'data' ? kind : `${kind}s`}\n`)[1]?.split('\n## ')[0] ?? '';
      const rows = [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, law]) => law);
      assert.deepEqual(rows, [...laws]);
    }
  });

  it('shows the reason of an exemption and fails if the law holds', async () => {
    const reason = 'for no reason that is true';
    const outcome = await outcomeOf(ObserverTester, minmax, { ...VALID, exempt: { 'it is pure': reason } });
    assert.deepEqual(outcome.pending, [`it is pure (exempt: ${reason})`]);
    assert.deepEqual(outcome.failed.map(([title]) => title), ['needs its exemption: it is pure']); // prettier-ignore
    assert.match(outcome.failed[0]![1].message, /holds in every case\. Remove the exemption/);
  });

  it('checks the code and the message of a refusal', async () => {
    const wrong = { symmetric: 'no' };
    const { failed, passed } = await outcomeOf(QuantizerTester, uniform, {
      ...VALID,
      invalid: [
        { name: 'a', options: wrong, code: 'WRONG_TYPE', message: /true or false.*`with.symmetric`/ },
        { name: 'b', options: wrong, code: 'OPTION_INVALID' },
        { name: 'c', options: wrong, code: 'WRONG_TYPE', message: /a number/ },
        { name: 'd', options: { symmetric: false }, code: 'WRONG_TYPE' },
        { name: 'e', options: { ...wrong, granularity: 'none' }, code: 'WRONG_TYPE' },
      ],
    });
    assert.ok(passed.includes('refuses a: WRONG_TYPE'));
    assert.deepEqual(failed.map(([title]) => title.slice(0, 9)), ['refuses b', 'refuses c', 'refuses d', 'refuses e']); // prettier-ignore
    assert.match(failed[2]![1].message, /are accepted; expected WRONG_TYPE/);
    assert.match(failed[3]![1].message, /expected only WRONG_TYPE; the errors are\nWRONG_TYPE.*\nOPTION_INVALID/);
  });

  it('runs under node:test with its functions', async () => {
    const file = new URL('by-node-test.ts', import.meta.url).pathname;
    const environment = { ...process.env };
    delete environment['NODE_TEST_CONTEXT'];
    const args = ['--import', 'tsx', '--test-reporter', 'tap', file];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: environment });
    assert.match(stdout, /ok \d+ - it is pure\n/);
    assert.match(stdout, /ok \d+ - the order of batches does not matter \(exempt: a moving average forgets\) # SKIP/);
    assert.match(stdout, /# fail 0/);
  });
});

function isInvalid(message: RegExp, hint = /(?:)/): (error: unknown) => boolean {
  return (error) => {
    const { code, message: said, details } = error as SsqlError; // the assertions below check it
    assert.equal(code, 'TESTER_INVALID');
    assert.match(said, message);
    assert.match(details.hint ?? '', hint);
    return true;
  };
}
