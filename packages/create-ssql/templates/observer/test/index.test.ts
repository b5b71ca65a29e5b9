import { ObserverTester } from '@ssql/core/testing';
import { observer } from '../src/index.js';

ObserverTester.run(observer, {
  valid: [{ options: {} }, { options: { margin: 0 } }],
  invalid: [{ options: { margin: -1 }, code: 'OUT_OF_RANGE' }],
});
