import { DATA_LAWS, type DataExtra } from './data-laws.js';
import { defineTester, type Tester } from './tester.js';

/** Tests data. A case may set `other`, options of other data, whose fingerprint must differ. */
export const DataTester: Tester<'data', DataExtra> = defineTester({
  kind: 'data',
  laws: DATA_LAWS,
  extras: ['other'],
  prepare: () => undefined,
});
