import { DataTester } from '@ssql/core/testing';
import { data } from '../src/index.js';

DataTester.run(data, {
  valid: [{ options: {} }, { name: 'few images', options: { train: 5, test: 2 }, other: { train: 6 } }],
  invalid: [{ options: { train: 0 }, code: 'OUT_OF_RANGE' }],
});
