import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUuid } from '@taika/runtime/identifiers';
import { derivedId } from './derived-id.ts';

test('the same event gives the same id, another event another, and all are UUIDs of version 8', () => {
  const ids = Array.from({ length: 200 }, (_, index) => derivedId(`event ${index}`));
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.every((id) => isUuid(id) && /^.{14}8.{4}[89ab]/.test(id)));
  assert.equal(derivedId('event 1'), ids[1]);
});
