import { applyEffect } from '../apply-effect.ts';
import type { Effect } from '../effect.ts';
import type { TrustEvent } from '../event.ts';
import { finalizeJob, finalizePassed, finalizeRun, vest } from './finalize.ts';
import { isGone, makeReady } from './hand-out.ts';
import { dropOpen, recallFinal, settle } from './recall.ts';
import { beginAgain, forfeit, noteRevocation, returnAsAnother } from './revocation.ts';
import { auditReasons } from './tally.ts';
import type { SimulatedTerminal } from './terminal.ts';
import { at, nobody, reference, runStates } from './unit-store.ts';
import { consult, terminalAt, type World } from './world.ts';

/** Asks decide() about a run of `author` and does what it says, as the server does in a transaction. */
export function act(
  world: World,
  author: SimulatedTerminal,
  partner: SimulatedTerminal | null,
  unit: number,
  event: TrustEvent,
): void {
  for (const effect of consult(world, author, partner, unit, event)) perform(world, unit, effect);
}

function perform(world: World, unit: number, effect: Effect): void {
  const { units } = world;
  if ('terminal' in effect) {
    const terminal = terminalAt(world, effect.terminal);
    terminal.trust = applyEffect(terminal.trust, effect);
    performForTerminal(world, terminal, unit, effect);
    return;
  }
  switch (effect.kind) {
    case 'judge':
      units.awaits[unit] = 1;
      units.judging[unit] = effect.strict ? 2 : 1;
      units.reason[unit] = auditReasons.indexOf(effect.reason);
      world.referenceQueue.push(unit);
      return;
    case 'settle':
      settle(world, unit);
      return;
    case 'reissue':
      makeReady(world, unit);
      return;
    case 'expose-vouchers':
      exposeVouchers(world, unit);
      return;
    case 'issue':
    case 'withhold':
    case 'retry-transfer':
    case 'fail-unit':
    case 'use-strict':
    case 'ignore':
      return;
  }
}

function performForTerminal(
  world: World,
  terminal: SimulatedTerminal,
  unit: number,
  effect: Extract<Effect, { terminal: number }>,
): void {
  switch (effect.kind) {
    case 'quarantine':
      putUnderQuarantine(world, terminal, unit, effect.finalAfter);
      return;
    case 'audit':
      orderCopy(world, unit, effect);
      return;
    case 'trust':
      if (!isGone(world, terminal)) world.trusted.add(terminal);
      vest(world, terminal);
      return;
    case 'start-probation':
      if (effect.cause === 'reentry') {
        beginAgain(world, terminal);
        world.heap.push(world.now, terminal.index);
      }
      world.trusted.remove(terminal);
      return;
    case 'finalize':
      finalizePassed(world, terminal, effect.passed, effect.isVested);
      return;
    case 'finalize-job':
      finalizeJob(world, terminal, effect.isVested);
      return;
    case 'flush':
      for (const picked of pickForFlush(world, terminal, effect.count)) {
        act(world, terminal, null, picked, { kind: 'picked', reason: 'flush' });
      }
      return;
    case 'revoke':
      world.trusted.remove(terminal);
      noteRevocation(world, terminal);
      for (const lapsed of emptyInbox(world, terminal)) lapse(world, lapsed);
      returnAsAnother(world, terminal);
      return;
    case 'forfeit':
      forfeit(terminal);
      return;
    case 'drop-open':
      for (const vouched of dropOpen(world, terminal)) {
        act(world, terminal, null, vouched, { kind: 'picked', reason: 'vouched' });
      }
      return;
    case 'recall':
      for (const final of recallFinal(world, terminal)) {
        act(world, terminal, null, final, { kind: 'picked', reason: 'recall' });
      }
      return;
    case 'pass':
      return;
  }
}

/** The partner did not deliver. */
export function lapse(world: World, unit: number): void {
  world.tally.lapsed++;
  const reason = auditReasons[at(world.units.reason, unit)] ?? 'random';
  const author = terminalAt(world, at(world.units.author, unit));
  act(world, author, null, unit, { kind: 'audit-lapsed', reason });
  // It will not be compared any more.
  if (at(world.units.awaits, unit) === 0 && author.trust.standing === 'revoked')
    noteRecalled(world, author, unit, { isChecked: false });
}

/**
 * One of a revoked terminal's runs was computed again, or will not be (`isChecked` false: it says nothing of the terminal);
 * after the last one it is decided whether it may come back.
 */
export function noteRecalled(
  world: World,
  author: SimulatedTerminal,
  unit: number,
  { isChecked = true }: { readonly isChecked?: boolean } = {},
): void {
  author.recallsOut--;
  if (isChecked) author.recallsDone++;
  if (author.recallsOut !== 0) return;
  act(world, author, null, unit, {
    kind: 'recall-ended',
    wrong: author.recallsWrong,
    checked: author.recallsDone,
    isIsolated: author.isRecallIsolated,
  });
}

/** It has left for good: nobody chooses it any more, and the copies that wait for it lapse. */
export function leave(world: World, terminal: SimulatedTerminal): void {
  world.trusted.remove(terminal);
  for (const unit of emptyInbox(world, terminal)) lapse(world, unit);
}

/** Takes all copy tasks from a terminal that will not do them. */
function emptyInbox(world: World, terminal: SimulatedTerminal): number[] {
  const lapsed: number[] = [];
  for (let unit = terminal.inboxHead; unit !== nobody; unit = at(world.units.inboxNext, unit)) {
    lapsed.push(unit);
  }
  world.outstanding -= lapsed.length;
  terminal.inboxHead = nobody;
  return lapsed;
}

/** A run whose copy agreed, or that was judged: if its terminal passed enough meanwhile it is final now. */
export function finalizeIfDue(world: World, author: SimulatedTerminal, unit: number): void {
  const { units } = world;
  const isDue =
    at(units.state, unit) === runStates.open &&
    at(units.awaits, unit) === 0 &&
    at(units.author, unit) === author.index &&
    author.trust.standing !== 'revoked' &&
    at(units.finalAfter, unit) <= author.trust.passed;
  if (isDue) finalizeRun(world, author, unit, author.trust.standing === 'trusted');
}

function putUnderQuarantine(
  { units, otherVouchers, now }: World,
  terminal: SimulatedTerminal,
  unit: number,
  finalAfter: number,
): void {
  units.state[unit] = runStates.open;
  units.finalAfter[unit] = finalAfter;
  units.committedAt[unit] = now;
  units.voucher[unit] = nobody;
  otherVouchers.delete(unit);
  units.copyBy[unit] = nobody;
  units.sampled[unit] = 0;
  units.next[unit] = nobody;
  if (terminal.first === nobody) terminal.first = unit;
  else units.next[terminal.last] = unit;
  terminal.last = unit;
  if (terminal.openHead === nobody) terminal.openHead = unit;
}

function orderCopy(world: World, unit: number, effect: Extract<Effect, { kind: 'audit' }>): void {
  const { units } = world;
  units.awaits[unit] = 1;
  units.reason[unit] = auditReasons.indexOf(effect.reason);
  if (effect.by.kind === 'reference') {
    units.copyBy[unit] = reference;
    world.referenceQueue.push(unit);
    return;
  }
  units.copyBy[unit] = effect.by.terminal;
  world.chance.assign(world, terminalAt(world, effect.by.terminal), unit);
}

function exposeVouchers(world: World, unit: number): void {
  const voucher = at(world.units.voucher, unit);
  const vouchers = new Set(world.otherVouchers.get(unit));
  if (voucher >= 0) vouchers.add(voucher);
  if (vouchers.size === 0) return;
  if (voucher >= 0) world.units.voucher[unit] = nobody;
  world.otherVouchers.delete(unit);
  terminalAt(world, at(world.units.author, unit)).isRecallIsolated = false;
  for (const index of [...vouchers].sort((a, b) => a - b)) {
    act(world, terminalAt(world, index), null, unit, { kind: 'lie-proven' });
  }
}

/** `count` of the terminal's open runs that nobody has checked. */
function pickForFlush(world: World, terminal: SimulatedTerminal, count: number): readonly number[] {
  const { units } = world;
  const open: number[] = [];
  for (let unit = terminal.openHead; unit !== nobody; unit = at(units.next, unit)) {
    if (at(units.state, unit) === runStates.open && at(units.sampled, unit) === 0) open.push(unit);
  }
  return world.chance.sample(world, terminal, open, count);
}
