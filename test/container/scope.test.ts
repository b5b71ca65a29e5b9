import assert from 'node:assert/strict';
import { constant, openScope, service, within } from '../../packages/core/src/container/scope.js';
import { token } from '../../packages/core/src/container/token.js';

const A = token<string>('test a');
const B = token<string>('test b');
const C = token<string>('test c');

describe('scope', () => {
  it('makes a service once, when it is first asked for, from what it needs', async () => {
    const made: string[] = [];
    const scope = await openScope('outer', [
      service(B, [A], (a) => {
        made.push('b');
        return `${a}b`;
      }),
      service(A, [], async () => {
        made.push('a');
        return 'a';
      }),
      service(C, [], () => {
        made.push('c');
        return 'c';
      }),
    ]);
    assert.deepEqual(made, []);
    assert.deepEqual([await scope.get(B), await scope.get(B), await scope.get(A)], ['ab', 'ab', 'a']);
    assert.deepEqual(made, ['a', 'b']);
    await scope.close();
  });

  it('shares the services of the scope around it, and disposes its own only', async () => {
    const disposed: string[] = [];
    const dispose = (value: string): void => void disposed.push(value);
    const outer = await openScope('outer', [service(A, [], () => 'a', dispose)]);
    const [first, second] = [
      await outer.open('inner', [service(B, [A], (a) => `${a}1`, dispose), service(C, [], () => 'unused', dispose)]),
      await outer.open('inner', [service(B, [A], (a) => `${a}2`, dispose)]),
    ];
    assert.deepEqual([await first.get(B), await second.get(B)], ['a1', 'a2']);
    await first.close();
    assert.deepEqual(disposed, ['a1']);
    assert.equal(await second.get(A), 'a');
    await second.close();
    await outer.close();
    assert.deepEqual(disposed, ['a1', 'a2', 'a']);
  });

  it('disposes all services though one fails, and throws what failed', async () => {
    const disposed: string[] = [];
    const scope = await openScope('outer', [
      service(
        A,
        [],
        () => 'a',
        () => Promise.reject(new Error('cannot close a')),
      ),
      service(
        B,
        [],
        () => 'b',
        async (b) => void disposed.push(b),
      ),
    ]);
    await scope.get(A);
    await scope.get(B);
    await assert.rejects(scope.close(), /cannot close a/);
    assert.deepEqual(disposed, ['b']);
    await scope.close();
  });

  it('throws the failure of the work rather than that of a disposal', async () => {
    const failing = service(
      A,
      [],
      () => 'a',
      () => Promise.reject(new Error('second')),
    );
    const work = within(await openScope('outer', [failing]), async (scope) => {
      await scope.get(A);
      throw new Error('first');
    });
    await assert.rejects(work, /first/);
    await assert.rejects(
      within(await openScope('outer', [failing]), (scope) => scope.get(A)),
      /second/,
    );
  });

  it('throws what a service throws when it is made', async () => {
    const error = Object.assign(new Error('no'), { code: 'MINE' });
    const scope = await openScope('outer', [
      service(A, [], () => Promise.reject(error)),
      service(B, [A], (a) => a),
      constant(C, 'c'),
    ]);
    await assert.rejects(scope.get(B), error);
    assert.equal(await scope.get(C), 'c');
    await scope.close();
  });

  it('closes the scopes within it first, also if one of them fails', async () => {
    const disposed: string[] = [];
    const dispose = (value: string): void => void disposed.push(value);
    const outer = await openScope('outer', [service(A, [], () => 'a', dispose)]);
    const failing = await outer.open('inner', [
      service(
        B,
        [A],
        () => 'b',
        () => Promise.reject(new Error('inner')),
      ),
    ]);
    const other = await outer.open('inner', [service(C, [A], () => 'c', dispose)]);
    await failing.get(B);
    await other.get(C);
    await assert.rejects(outer.close(), /inner/);
    assert.deepEqual(disposed, ['c', 'a']);
  });

  it('closes the scopes within it in the reverse order of opening', async () => {
    const disposed: string[] = [];
    const dispose = (value: string): void => void disposed.push(value);
    const outer = await openScope('outer', []);
    for (const value of ['first', 'second', 'third'])
      await (await outer.open('inner', [service(A, [], () => value, dispose)])).get(A);
    await outer.close();
    assert.deepEqual(disposed, ['third', 'second', 'first']);
  });

  it('disposes the last service first', async () => {
    const disposed: string[] = [];
    const dispose = (value: string): void => void disposed.push(value);
    const scope = await openScope('outer', [
      service(A, [], () => 'a', dispose),
      service(
        B,
        [A],
        (a) => `${a}b`,
        async (value) => dispose(value),
      ),
    ]);
    await scope.get(B);
    await scope.close();
    assert.deepEqual(disposed, ['ab', 'a']);
  });
});
