import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { describeSettings } from '@taika/runtime/settings';
import { referencePrefix, referenceSettings } from '../src/reference/settings.ts';

test('docs/OPERATING.md lists every setting of the reference executor with its default', async () => {
  const text = await readFile(new URL('../../../docs/OPERATING.md', import.meta.url), 'utf8');
  const expected = describeSettings(referenceSettings, referencePrefix);
  assert.ok(text.includes(expected), `The table of settings should be:\n${expected}`);
});
