import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawFor } from './draw.ts';

const subject = { assignment: 42n, commitHash: new Uint8Array(32).fill(7), occasion: 'committed' };
const secret = new Uint8Array(32).fill(1);

test('an inspector with the secret repeats a draw', () => {
  const [one, other] = [drawFor(secret, subject), drawFor(secret, subject)];
  for (let time = 0; time < 5; time++) assert.equal(one.fraction(), other.fraction());
});

test('another secret, assignment, commit or occasion draws something else', () => {
  const first = drawFor(secret, subject).fraction();
  const others = [
    drawFor(new Uint8Array(32).fill(2), subject),
    drawFor(secret, { ...subject, assignment: 43n }),
    drawFor(secret, { ...subject, commitHash: new Uint8Array(32).fill(8) }),
    drawFor(secret, { ...subject, occasion: 'compared' }),
  ];
  for (const other of others) assert.notEqual(other.fraction(), first);
});

test('draws are spread evenly from 0 to 1', () => {
  let below = 0;
  for (let assignment = 0n; assignment < 5000n; assignment++) {
    const fraction = drawFor(secret, { ...subject, assignment }).fraction();
    assert.ok(fraction >= 0 && fraction < 1);
    if (fraction < 0.1) below++;
  }
  assert.ok(below > 420 && below < 580, String(below));
});
