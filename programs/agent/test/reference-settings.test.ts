import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { describeSettings } from '@taika/runtime/settings';
import { decoyPrefix, decoySettings, referencePrefix, referenceSettings } from '../src/reference/settings.ts';

for (const [name, table, prefix] of [
  ['the reference executor', referenceSettings, referencePrefix],
  ['a decoy', decoySettings, decoyPrefix],
] as const) {
  test(`docs/OPERATING.md lists every setting of ${name} with its default`, async () => {
    const text = await readFile(new URL('../../../docs/OPERATING.md', import.meta.url), 'utf8');
    const expected = describeSettings(table, prefix);
    assert.ok(text.includes(expected), `The table of settings should be:\n${expected}`);
  });
}
