import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSessionOpener, openSession, type Session, sealSession } from './session.ts';

const secret = new Uint8Array(32).fill(7);
const now = new Date('2026-11-22T12:00:00Z');
const session: Session = {
  terminalNumber: 2n ** 40n + 3n,
  memberNumber: 5n,
  terminalId: '0198c1de-0000-7000-8000-0123456789ab',
  expiresAt: new Date(now.getTime() + 1000),
};

test('a session opens as it was sealed, until it is over', () => {
  const text = sealSession(session, secret);
  assert.deepEqual(openSession(text, secret, now), { kind: 'session', session });
  assert.deepEqual(openSession(text, secret, session.expiresAt), { kind: 'expired' });
});

test('a session under another secret is forged', () => {
  assert.equal(openSession(sealSession(session, new Uint8Array(32)), secret, now).kind, 'forged');
});

test('a remembered session ends as any other', () => {
  const open = createSessionOpener(secret);
  const text = sealSession(session, secret);
  assert.deepEqual(open(text, now), { kind: 'session', session });
  assert.deepEqual(open(text, now), { kind: 'session', session });
  assert.deepEqual(open(text, session.expiresAt), { kind: 'expired' });
  assert.deepEqual(open(`${text.slice(0, -2)}AA`, now), { kind: 'forged' });
});

test('no change of any character gives another session', () => {
  const text = sealSession(session, secret);
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
      const changed = text.slice(0, at) + character + text.slice(at + 1);
      const opened = openSession(changed, secret, now);
      // Characters that base64url ignores or spells twice may leave the same bytes; never other ones.
      assert.ok(opened.kind === 'forged' || changed === text || assertSame(opened));
    }),
  );
  assert.equal(openSession('', secret, now).kind, 'forged');
  assert.equal(openSession(`${text}AAAA`, secret, now).kind, 'forged');
});

function assertSame(opened: unknown): boolean {
  assert.deepEqual(opened, { kind: 'session', session });
  return true;
}
