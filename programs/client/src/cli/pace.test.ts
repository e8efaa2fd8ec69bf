import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPaceMeter, paceText, spanText } from './pace.ts';

test('the pace is that of the last two minutes, and says what is left', () => {
  const meter = createPaceMeter();
  assert.equal(paceText(meter.note(0, 1000, 0)), '');
  assert.equal(paceText(meter.note(100, 1000, 10_000)), '10 units/s, 2 min left');
  for (let second = 11; second <= 200; second++) meter.note(100, 1000, second * 1000);
  const stalled = meter.note(100, 1000, 201_000);
  assert.equal(stalled.unitsPerSecond, 0);
  assert.equal(stalled.remainingSeconds, undefined);
  assert.equal(paceText(createPaceMeter().note(5, undefined, 0)), '');
});

test('rates and spans are as people say them', () => {
  assert.equal(paceText({ unitsPerSecond: 1000, remainingSeconds: undefined }), '1000 units/s');
  assert.equal(paceText({ unitsPerSecond: 0.05, remainingSeconds: 20 }), '3.0 units/min, 20 s left');
  assert.deepEqual([59.2, 61, 7200, 864_000].map(spanText), ['60 s', '2 min', '2.0 h', '10.0 days']);
});
