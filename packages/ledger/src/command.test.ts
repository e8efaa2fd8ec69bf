import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalBody } from './command.ts';

test('the same command has the same text, whatever the order of its names', () => {
  const one = canonicalBody({ event: 'e', command: { job: 'j', amount: 5n } }, { kind: 'post' });
  const other = canonicalBody({ event: 'e', command: { amount: 5n, job: 'j' } }, { kind: 'post' });
  assert.equal(one.body, '{"command":{"amount":"5","job":"j"},"event":"e","kind":"post"}');
  assert.deepEqual(one, other);
});

test('another event, command, kind or amount is another body', () => {
  const bodies = [
    canonicalBody({ event: 'e', command: { job: 'j' } }, { kind: 'hold', amount: 5n }),
    canonicalBody({ event: 'f', command: { job: 'j' } }, { kind: 'hold', amount: 5n }),
    canonicalBody({ event: 'e', command: { job: 'k' } }, { kind: 'hold', amount: 5n }),
    canonicalBody({ event: 'e', command: { job: 'j' } }, { kind: 'hold', amount: 6n }),
    canonicalBody({ event: 'e', command: { job: 'j' } }, { kind: 'post' }),
  ];
  assert.equal(new Set(bodies.map((body) => body.bodyHash.toString('hex'))).size, bodies.length);
});
