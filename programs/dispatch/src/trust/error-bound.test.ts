import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrongShareBound } from './error-bound.ts';

test('the bound on wrong results is that of tables: three in n where none was found', () => {
  assert.equal(wrongShareBound(0, 0), 1);
  assert.ok(Math.abs(wrongShareBound(0, 1_000) - 0.002991) < 1e-6);
  assert.ok(Math.abs(wrongShareBound(0, 10) - 0.258866) < 1e-6);
  assert.ok(Math.abs(wrongShareBound(1, 100) - 0.046562) < 1e-5);
  assert.equal(wrongShareBound(5, 5), 1);
});
