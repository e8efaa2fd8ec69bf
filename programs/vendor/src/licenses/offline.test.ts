import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type OfflineUse, offlineTimes, offlineUntil, offlineUsedMs, offlineUseSince } from './offline.ts';

const hour = 3_600_000;
const at = (hours: number) => new Date(Date.UTC(2026, 10, 1) + hours * hour);

test('a gap after a grant counts from when it was signed to when it ended, and nothing while it was valid', () => {
  const last = { grantedAt: at(0), grantExpiresAt: at(1), offlineUntil: at(8) };
  assert.equal(offlineUseSince(last, at(0.5)), undefined);
  assert.equal(offlineUseSince(last, at(1)), undefined);
  assert.deepEqual(offlineUseSince(last, at(3)), { beganAt: at(0), endedAt: at(3) });
  assert.deepEqual(offlineUseSince(last, at(30)), { beganAt: at(0), endedAt: at(8) });
  assert.equal(offlineUseSince({ ...last, offlineUntil: at(1) }, at(30)), undefined);
});

test('what lies before the window counts no more', () => {
  const use = { beganAt: at(0), endedAt: at(8) };
  assert.equal(offlineUsedMs([use], at(10)), 8 * hour);
  assert.equal(offlineUsedMs([use], at(30 * 24 + 6)), 2 * hour);
  assert.equal(offlineUsedMs([use], at(31 * 24)), 0);
});

test('whatever a device does, it never goes on alone for more than 72 hours in 30 days, nor 8 at once', () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 60 * 24 * 40 }), { minLength: 1, maxLength: 120 });
  fc.assert(
    fc.property(gaps, (minutes) => {
      const uses: OfflineUse[] = [];
      let now = at(0);
      for (const gap of minutes) {
        const grantExpiresAt = new Date(now.getTime() + hour);
        const until = offlineUntil(offlineUsedMs(uses, now), now, grantExpiresAt);
        assert.ok(until.getTime() - now.getTime() <= offlineTimes.outageMsMax);
        const next = new Date(now.getTime() + gap * 60_000);
        const use = offlineUseSince({ grantedAt: now, grantExpiresAt, offlineUntil: until }, next);
        if (use !== undefined) {
          uses.push(use);
        }
        now = next;
        assert.ok(offlineUsedMs(uses, now) <= offlineTimes.budgetMs + hour);
      }
    }),
  );
});
