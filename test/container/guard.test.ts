import assert from 'node:assert/strict';
import { SsqlError } from '../../packages/core/src/errors.js';
import { guard } from '../../packages/core/src/container/guard.js';
import { KINDS, type Kind, type KindEntry, type Members } from '../../packages/core/src/kinds/kinds.js';

const refusal = (kind: Kind, made: object): string => {
  try {
    guard(made, { kind, name: 'mine', from: 'test', location: undefined });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};
const VALUES = {
  boolean: true,
  function: () => undefined,
  list: [],
  record: {},
  'number or list': [],
  number: 1,
  object: {},
  string: 'a',
};
/** Members whose values are checked too. */
const SPLIT = { size: 0, labels: new Uint8Array(), read: VALUES.function };
const VALID: { readonly [kind in Kind]?: object } = {
  data: { shape: [1, 1, 1], classes: [], train: SPLIT, test: SPLIT },
  method: { views: 1, projector: { forward: VALUES.function } },
  optimizer: { slots: [] },
};
const allowedBy = (type: Members[string]): unknown => (typeof type === 'string' ? VALUES[type] : type[0]);

describe('a plugin of each kind', () => {
  for (const { kind, members } of KINDS as readonly KindEntry[]) {
    const required = Object.entries(members).map(([member, type]) => [member, allowedBy(type)]);
    const whole: Record<string, unknown> = { ...Object.fromEntries(required), ...VALID[kind] };
    it(`${kind}: must make all members`, () => {
      assert.equal(refusal(kind, whole), '');
      assert.notEqual(refusal(kind, {}), '', 'an object without members is accepted');
      for (const [member, type] of Object.entries(members)) {
        const { [member]: _, ...rest } = whole;
        const problem =
          typeof type === 'string'
            ? `without \`${member}\`, ${type === 'object' ? 'an' : 'a'} ${type}`
            : `with \`${member}\` `;
        for (const incomplete of [rest, { ...rest, [member]: undefined }, { ...rest, [member]: Symbol('none') }])
          assert.ok(refusal(kind, incomplete).startsWith(`test: the ${kind} \`mine\` makes an object ${problem}`));
      }
    });
  }

  it('data: its errors have its place, also where another plugin reads it', async () => {
    const location = { file: 'p.yaml', line: 1, column: 7, frame: '' };
    const failing = { ...SPLIT, read: () => Promise.reject(new SsqlError('IMAGE_BROKEN', 'a.png is broken.')) };
    const made = { name: 'mine', fingerprint: 'x', ...VALID.data, train: failing };
    const { train } = guard(made, { kind: 'data', name: 'mine', from: 'test', location });
    await assert.rejects(train.read(), { code: 'IMAGE_BROKEN', details: { location, hint: undefined } });
  });

  it('must make the members that a run calls without asking', () => {
    assert.match(refusal('sampler', { per: 'step' }), /without `draw`/);
    assert.match(refusal('stage', { run: () => undefined }), /with `scope` undefined; expected `run` or `pipeline`/);
    assert.match(refusal('stage', { scope: 'run' }), /without `run`/);
  });
});
