import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@taika/runtime/random';
import fc from 'fast-check';
import { applyEffect } from './apply-effect.ts';
import { decide } from './decide.ts';
import type { TrustEvent } from './event.ts';
import { exampleState, exampleTerminal } from './example-state.ts';
import type { TerminalTrust, TrustState } from './state.ts';

const standing = fc.constantFrom('probation' as const, 'trusted' as const, 'revoked' as const);
const reason = fc.constantFrom(
  'probation' as const,
  'random' as const,
  'odd-fuel' as const,
  'critical' as const,
  'flush' as const,
  'decoy' as const,
  'recall' as const,
  'vouched' as const,
);
const count = fc.nat({ max: 5000 });

const row: fc.Arbitrary<TerminalTrust> = fc
  .record({
    standing,
    probationPassed: fc.nat({ max: 30 }),
    passed: count,
    late: fc.nat({ max: 20 }),
    isDecoy: fc.boolean(),
  })
  .map(({ late, ...fields }) => ({ ...exampleTerminal(1), ...fields, drawn: fields.passed + late }));

const state: fc.Arbitrary<TrustState> = fc
  .record({
    terminal: row,
    partner: fc.option(standing.map((one) => exampleTerminal(2, one))),
    poolSize: fc.nat({ max: 60 }),
    artefact: fc.constantFrom('fast' as const, 'strict' as const),
    level: fc.constantFrom('economy' as const, 'standard' as const, 'high' as const, 'strict' as const),
  })
  .map(({ terminal, partner, poolSize, artefact, level }) => {
    const example = exampleState({ poolSize, partner });
    return { ...example, terminal, job: { ...example.job, artefact, level } };
  });

const event: fc.Arbitrary<TrustEvent> = fc.oneof(
  fc.constant({ kind: 'asked' } as const),
  fc.record({
    kind: fc.constant('committed' as const),
    fuel: fc.bigInt({ min: 0n, max: 2n ** 64n }),
    typicalFuel: fc.option(fc.bigInt({ min: 1n, max: 2n ** 64n })),
    isCritical: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('compared' as const),
    reason,
    comparison: fc.constantFrom('equal' as const, 'other-bytes' as const, 'other-fuel' as const),
  }),
  fc.record({
    kind: fc.constant('judged' as const),
    reason,
    isAuthorRight: fc.boolean(),
    isPartnerRight: fc.boolean(),
    dependsOnNan: fc.option(fc.boolean()),
  }),
  fc.record({ kind: fc.constant('audit-lapsed' as const), reason }),
  fc.record({ kind: fc.constant('returned' as const), members: fc.nat({ max: 5 }) }),
  fc.record({ kind: fc.constant('job-ended' as const), open: count, checked: count }),
  fc.constant({ kind: 'flush-passed' } as const),
  fc.constant({ kind: 'lie-proven' } as const),
  fc.constant({ kind: 'updated' } as const),
);

test('the same state, event and chance give the same effects', () => {
  fc.assert(
    fc.property(state, event, fc.string(), (from, what, seed) => {
      assert.deepEqual(decide(from, what, seededRandom(seed)), decide(from, what, seededRandom(seed)));
    }),
  );
});

test('only the reference executor’s word revokes, of whatever terminal and whoever agreed with whom', () => {
  fc.assert(
    fc.property(state, event, fc.string(), (from, what, seed) => {
      const effects = decide(from, what, seededRandom(seed));
      // `lie-proven` comes of `expose-vouchers` alone, so that asks for the same word.
      const accuses = effects.some(
        ({ kind }) => kind === 'expose-vouchers' || (kind === 'revoke' && what.kind !== 'lie-proven'),
      );
      if (!accuses) return;
      const isReferencesWord =
        what.kind === 'judged' ||
        (what.kind === 'compared' && from.partner === null && !from.terminal.isDecoy);
      assert.ok(isReferencesWord, `${what.kind} accuses`);
    }),
    { numRuns: 2000 },
  );
});

test('where the bits of a NaN can be seen, nobody is revoked before every form of the program was compared', () => {
  fc.assert(
    fc.property(state, event, fc.string(), (from, what, seed) => {
      fc.pre(from.job.artefact === 'fast' && what.kind !== 'lie-proven');
      const accuses = decide(from, what, seededRandom(seed)).some(
        ({ kind }) => kind === 'revoke' || kind === 'expose-vouchers',
      );
      if (accuses) assert.ok(what.kind === 'judged' && what.dependsOnNan === false);
    }),
    { numRuns: 2000 },
  );
});

test('the reference executor’s word revokes nobody whom it found right', () => {
  fc.assert(
    fc.property(state, event, fc.string(), (from, what, seed) => {
      fc.pre(what.kind === 'judged');
      const revoked = decide(from, what, seededRandom(seed)).flatMap((effect) =>
        effect.kind === 'revoke' ? [effect.terminal] : [],
      );
      assert.ok(!what.isAuthorRight || !revoked.includes(from.terminal.terminal));
      assert.ok(!what.isPartnerRight || from.partner === null || !revoked.includes(from.partner.terminal));
    }),
    { numRuns: 2000 },
  );
});

test('nobody who was right is revoked', () => {
  fc.assert(
    fc.property(state, fc.string(), reason, (from, seed, why) => {
      const events: TrustEvent[] = [
        { kind: 'compared', reason: why, comparison: 'equal' },
        { kind: 'judged', reason: why, isAuthorRight: true, isPartnerRight: true, dependsOnNan: false },
      ];
      for (const one of events) {
        assert.ok(decide(from, one, seededRandom(seed)).every(({ kind }) => kind !== 'revoke'));
      }
    }),
  );
});

test('nobody is revoked twice by one decision, and the escrow falls with the right', () => {
  fc.assert(
    fc.property(state, event, fc.string(), (from, what, seed) => {
      const effects = decide(from, what, seededRandom(seed));
      const revoked = effects.flatMap((effect) => (effect.kind === 'revoke' ? [effect.terminal] : []));
      const forfeited = effects.flatMap((effect) => (effect.kind === 'forfeit' ? [effect.terminal] : []));
      assert.equal(new Set(revoked).size, revoked.length);
      assert.deepEqual(forfeited, revoked);
      for (const terminal of revoked) {
        const before = terminal === from.terminal.terminal ? from.terminal : from.partner;
        assert.notEqual(before?.standing, 'revoked');
      }
    }),
  );
});

test('a partner is trusted, and of another member, network and week', () => {
  fc.assert(
    fc.property(state, event, fc.string(), (from, what, seed) => {
      for (const effect of decide(from, what, seededRandom(seed))) {
        if (effect.kind !== 'audit' || effect.by.kind !== 'terminal') continue;
        assert.ok(effect.by.terminal > 100, 'a TRUSTED terminal of the pool');
      }
    }),
  );
});

test('a terminal never passed more audits than were drawn, and is trusted only after 20 checks', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), fc.string(), (events, seed) => {
      const random = seededRandom(seed);
      let terminal = exampleTerminal(1);
      let awaited = 0;
      for (const what of events) {
        // A copy comes back only where one was ordered.
        if ((what.kind === 'compared' || what.kind === 'judged') && awaited === 0) continue;
        const example = exampleState();
        const effects = decide({ ...example, terminal }, what, random);
        const passes = effects.filter((effect) => effect.kind === 'pass' && effect.terminal === 1).length;
        awaited -= passes;
        for (const effect of effects) {
          if (effect.kind === 'audit' && effect.isDrawn) awaited++;
          terminal = applyEffect(terminal, effect);
        }
        assert.ok(terminal.passed <= terminal.drawn, `${terminal.passed} of ${terminal.drawn}`);
        assert.ok(terminal.standing !== 'trusted' || terminal.probationPassed >= 20);
      }
    }),
  );
});
