import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { describeSettings } from '@taika/runtime/settings';
import { vendorPrefix, vendorSettings } from '../src/settings.ts';

test('docs/VENDORS.md lists every setting with its default', async () => {
  const text = await readFile(new URL('../../../docs/VENDORS.md', import.meta.url), 'utf8');
  const expected = describeSettings(vendorSettings, vendorPrefix);
  assert.ok(text.includes(expected), `The table of settings should be:\n${expected}`);
});
