import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyEffect } from './apply-effect.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import { drawFor } from './draw.ts';
import type { TrustEvent } from './event.ts';
import { examplePool, exampleState, exampleTerminal } from './example-state.ts';
import { replayDecisions } from './replay.ts';

const secret = Buffer.from('secret of the contractor');
const pool = examplePool(50);
const options = { secret, poolOf: () => pool };

test('a trace that was made by the rules replays without a word', () => {
  const trace = makeTrace();
  assert.equal(trace.length, 120);
  assert.ok(trace.some(({ effects }) => effects.some(({ kind }) => kind === 'trust')));
  assert.deepEqual([...replayDecisions(trace, options)], []);
});

test('an effect that was left out, a row that was touched and another secret are found', () => {
  const trace = makeTrace();
  const withoutAudit = trace.map((decision, at) =>
    at === 4 ? { ...decision, effects: decision.effects.filter(({ kind }) => kind !== 'audit') } : decision,
  );
  const [first] = replayDecisions(withoutAudit, options);
  assert.deepEqual([first?.kind, first?.at], ['other-effects', 4]);

  const touched = trace.map((decision, at) => (at < 50 ? decision : withPassed(decision, 1000)));
  const [second] = replayDecisions(touched, options);
  assert.deepEqual([second?.kind, second?.at], ['other-row', 50]);

  const guessed = [...replayDecisions(trace, { ...options, secret: Buffer.from('a guess') })];
  assert.ok(guessed.some(({ kind }) => kind === 'other-effects'));
});

test('a terminal that calls from another network is no discrepancy', () => {
  const moved = makeTrace().map((decision, at) => (at < 50 ? decision : withNetwork(decision, 77)));
  const found = [...replayDecisions(moved, options)];
  assert.ok(found.every(({ kind }) => kind === 'other-effects'));
});

/** Sixty results of one terminal, each checked or not as it was drawn, and what is not checked seen again. */
function makeTrace(): Decision[] {
  const trace: Decision[] = [];
  let terminal = exampleTerminal(1);
  const make = (assignment: number, event: TrustEvent, partner: Decision['state']['partner'] = null) => {
    const { job } = exampleState();
    const subject = {
      assignment: BigInt(assignment),
      commitHash: Buffer.from(`commit ${assignment}`),
      occasion: event.kind,
    };
    const state = { terminal, partner, job, formerMembers: [] };
    const effects = decide({ ...state, pool }, event, drawFor(secret, subject));
    trace.push({ subject, state, event, effects });
    for (const effect of effects) terminal = applyEffect(terminal, effect);
    return effects;
  };
  for (let run = 1; run <= 60; run++) {
    const effects = make(run, { kind: 'committed', fuel: 1n, typicalFuel: null, isCritical: false });
    const audit = effects.find((effect) => effect.kind === 'audit');
    if (audit === undefined) make(run, { kind: 'seen', idleDurationMs: 1000 });
    else {
      const partner = audit.by.kind === 'terminal' ? exampleTerminal(audit.by.terminal, 'trusted') : null;
      make(run, { kind: 'compared', reason: audit.reason, comparison: 'equal' }, partner);
    }
  }
  return trace;
}

function withPassed(decision: Decision, passed: number): Decision {
  const { state } = decision;
  return { ...decision, state: { ...state, terminal: { ...state.terminal, passed } } };
}

function withNetwork(decision: Decision, network: number): Decision {
  return {
    ...decision,
    state: { ...decision.state, terminal: { ...decision.state.terminal, network } },
  };
}
