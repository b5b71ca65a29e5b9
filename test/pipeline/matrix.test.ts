import assert from 'node:assert/strict';
import { checkRepeated, expandMatrix } from '../../packages/core/src/pipeline/matrix.js';

const base = {
  seed: 7,
  method: { use: 'simsiam', with: { dim: 64 } },
  augment: [{ use: 'random-crop', with: { size: 8 } }],
  quantization: { wrap: { use: 'none', with: {} }, weights: { bits: [8] }, activations: { bits: [8] } },
};
/** As the built-in plugins have them: a method is called by its title, plain training adds nothing to it. */
const titleOf = (_kind: string, name: string): string => ({ none: '', simsiam: 'SimSiam', ssql: 'SSQL' })[name] ?? name;
const expand = (matrix: unknown, more = {}) => expandMatrix({ ...base, ...more, matrix }, titleOf).cells;
const labels = (matrix: unknown, more = {}) => expand(matrix, more).map(({ label }) => label);

describe('matrix', () => {
  it('is a single unlabelled cell by default', () => {
    const { cells, problems } = expandMatrix(base);
    assert.deepEqual([cells.length, cells[0]?.label, cells[0]?.document, problems], [1, '', base, []]);
  });

  it('is the cartesian product, the last path varying fastest', () => {
    const cells = expand({ 'quantization.wrap': ['none', 'ssql'], seed: [0, 1] });
    assert.deepEqual(
      cells.map(({ label }) => label),
      ['SimSiam seed 0', 'SimSiam seed 1', 'SSQL-SimSiam seed 0', 'SSQL-SimSiam seed 1'],
    );
    assert.deepEqual(cells[3]?.document, {
      ...base,
      seed: 1,
      quantization: { ...base.quantization, wrap: { use: 'ssql', with: {} } },
    });
    assert.deepEqual(cells[3].values, { 'quantization.wrap': 'ssql', seed: 1 });
  });

  it('sets a plugin before its options, whichever is written first', () => {
    const { cells } = expandMatrix({ ...base, matrix: { 'method.with.dim': [8], method: ['byol'] } });
    assert.deepEqual((cells[0]?.document as typeof base).method, { use: 'byol', with: { dim: 8 } });
  });

  it('sets items of lists', () => {
    const { cells } = expandMatrix({ ...base, matrix: { 'augment.0.with.size': [16] } });
    assert.deepEqual((cells[0]?.document as typeof base).augment, [{ use: 'random-crop', with: { size: 16 } }]);
  });

  it('gives each cell a separate document', () => {
    const shared = { use: 'simsiam', with: { dim: 8 } };
    const { cells } = expandMatrix({ ...base, matrix: { method: [shared], seed: [0, 1] } });
    const [first, second] = cells.map(({ document }) => (document as typeof base).method);
    assert.deepEqual(first, second);
    assert.notEqual(first, second);
  });

  it('gives cells short, unique labels', () => {
    assert.deepEqual(labels({ 'quantization.weights.bits': [[2, 4]], 'quantization.activations.bits': [[8]] }), [
      'weights.bits 2,4 activations.bits 8',
    ]);
    assert.deepEqual(labels({ method: ['byol', { use: 'simsiam', with: { dim: 8 } }] }), ['byol', 'SimSiam']);
    assert.deepEqual(
      labels({
        method: [
          { use: 'simsiam', with: { dim: 8 } },
          { use: 'simsiam', with: { dim: 9 } },
          { use: 'byol', with: { dim: 8 } },
        ],
      }),
      ['SimSiam dim 8', 'SimSiam dim 9', 'byol'],
    );
    assert.deepEqual(labels({ method: ['simsiam', { use: 'simsiam', with: { dim: 8 } }] }), [
      'SimSiam',
      'SimSiam dim 8',
    ]);
    assert.deepEqual(labels({ 'method.use': ['byol'], 'method.with.dim': [8] }), ['byol dim 8']);
    const ssql = { quantization: { ...base.quantization, wrap: { use: 'ssql', with: {} } } };
    assert.deepEqual(labels({ seed: [1], method: ['byol'] }, ssql), ['seed 1 SSQL-byol']);
  });

  it('groups runs without their seeds, and replaces parts of labels', () => {
    const matrix = { 'quantization.wrap': ['none', 'ssql'], seed: [0] };
    const groups = (more = {}) => expand(matrix, more).map(({ label, group }) => [label, group]);
    assert.deepEqual(groups(), [
      ['SimSiam seed 0', 'SimSiam'],
      ['SSQL-SimSiam seed 0', 'SSQL-SimSiam'],
    ]);
    assert.deepEqual(groups({ labels: { 'SSQL-SimSiam': 'ours', 'seed 0': 'first' } }), [
      ['SimSiam first', 'SimSiam'],
      ['ours first', 'ours'],
    ]);
    assert.deepEqual(
      expand({ seed: [3] }).map(({ group }) => group),
      ['SimSiam'],
    );
    assert.equal(expandMatrix(base, titleOf).cells[0]?.group, 'SimSiam');
  });

  it('reports the place of a value of a cell', () => {
    const [, cell] = expandMatrix({ ...base, matrix: { method: ['byol', 'simsiam'], 'method.with.dim': [8] } }).cells;
    assert.deepEqual(cell?.origin(['method', 'use']), ['matrix', 'method', 1, 'use']);
    assert.deepEqual(cell?.origin(['method', 'with', 'dim']), ['matrix', 'method.with.dim', 0]);
    assert.deepEqual(cell?.origin(['seed']), ['seed']);
  });

  it('has the same run twice if only the order of keys differs, but not that of pins', () => {
    const repeated = (key: string): number => {
      const values = [
        { conv1: 'w8a8', '*': 'w4a4' },
        { '*': 'w4a4', conv1: 'w8a8' },
      ];
      return checkRepeated(expand({ [`quantization.${key}`]: values }, { quantization: { pins: {}, other: {} } }))
        .length;
    };
    assert.deepEqual([repeated('other'), repeated('pins')], [1, 0]);
  });

  it('sets only paths that exist in the pipeline', () => {
    for (const path of ['__proto__.polluted', 'constructor.prototype.polluted', 'seed.0', 'augment.1']) {
      const { cells, problems } = expandMatrix({ ...base, matrix: JSON.parse(`{"${path}":[1]}`) as unknown });
      assert.deepEqual([cells.length, problems.length], [0, 1], path);
    }
  });
});
