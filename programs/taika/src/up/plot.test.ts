import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plot } from './plot.ts';

test('bars are as long as their values, in eighths of a character', () => {
  const text = plot(
    [
      { label: 'day 0', value: 0.5 },
      { label: '10', value: 4 },
      { label: 'none', value: 0 },
    ],
    4,
  );
  assert.equal(text, 'day 0  ▌ 0.50\n   10  ████ 4.00\n none   0.00');
});
