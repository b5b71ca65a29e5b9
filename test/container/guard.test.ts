import assert from 'node:assert/strict';
import { guard } from '../../packages/core/src/container/guard.js';
import { KINDS, type Kind, type KindEntry } from '../../packages/core/src/kinds/kinds.js';

const refusal = (kind: Kind, made: object): string => {
  try {
    guard(made, { kind, name: 'mine', from: 'test', location: undefined });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};
const VALUES = { function: () => undefined, number: 1, object: {}, string: 'a' };

describe('a plugin of each kind', () => {
  for (const { kind, members } of KINDS as readonly KindEntry[]) {
    const whole = Object.fromEntries(Object.entries(members).map(([member, type]) => [member, VALUES[type]]));
    it(`${kind}: must make all members`, () => {
      assert.equal(refusal(kind, whole), '');
      assert.notEqual(refusal(kind, {}), '', 'an object without members is accepted');
      for (const [member, type] of Object.entries(members)) {
        const { [member]: _, ...rest } = whole;
        const expected = `test: the ${kind} \`mine\` makes an object without \`${member}\`, a ${type}.`;
        for (const incomplete of [rest, { ...rest, [member]: undefined }])
          assert.equal(refusal(kind, incomplete), expected);
      }
    });
  }

  it('must make the members that a run calls without asking', () => {
    assert.match(refusal('sampler', { per: 'step' }), /without `draw`/);
    assert.match(refusal('stage', { run: () => undefined }), /without `scope`/);
    assert.match(refusal('stage', { scope: 'run' }), /without `run`/);
  });
});
