import { auditProbability } from '../audit-probability.ts';
import { trustLevels } from '../trust-level.ts';
import { pointsOf } from './finalize.ts';
import { giveWork, isGone, makeReady } from './hand-out.ts';
import { act, finalizeIfDue, lapse, leave, noteRecalled } from './perform.ts';
import { answerOf, answers, isSameAnswer } from './strategy.ts';
import { auditReasons } from './tally.ts';
import type { SimulatedTerminal } from './terminal.ts';
import { at, nobody, reference } from './unit-store.ts';
import { terminalAt, type World } from './world.ts';

/** What a terminal was computing is done, or its deadline has passed; then it asks for more. */
export function finishTask(world: World, terminal: SimulatedTerminal): void {
  const { task, isCopy, fate } = terminal;
  terminal.task = nobody;
  world.outstanding--;
  if (fate === 'in-time') {
    if (isCopy) deliverCopy(world, terminal, task);
    else commit(world, terminal, task);
  } else {
    if (fate === 'late') world.tally.late++;
    if (isCopy) lapse(world, task);
    else makeReady(world, task);
  }
  goOn(world, terminal);
}

/** A terminal with nothing to do asks for work, unless it has left. */
export function goOn(world: World, terminal: SimulatedTerminal): void {
  if (isGone(world, terminal)) leave(world, terminal);
  else giveWork(world, terminal);
}

/** The reference executor does all that is asked of it; in the model it takes no time. */
export function runReference(world: World): void {
  const { referenceQueue, units, tally } = world;
  for (let unit = referenceQueue.pop(); unit !== undefined; unit = referenceQueue.pop()) {
    const author = terminalAt(world, at(units.author, unit));
    const reason = auditReasons[at(units.reason, unit)] ?? 'random';
    const judging = at(units.judging, unit);
    if (judging > 0) {
      tally.judgements += judging === 2 ? formsOfProgram : 1;
      takeJudgement(world, author, unit);
      continue;
    }
    tally.referenceCopies[reason]++;
    takeCopy(world, author, null, unit, answers.right);
  }
}

function commit(world: World, terminal: SimulatedTerminal, unit: number): void {
  const answer = answerOf(
    terminal.strategy,
    {
      unit,
      isCopy: false,
      isTrusted: terminal.trust.standing === 'trusted',
      committed: terminal.commits,
      isFellowsLie: false,
    },
    world.random.fraction(),
  );
  takeCommit(world, terminal, unit, answer);
}

/** A result of the terminal is in. */
export function takeCommit(world: World, terminal: SimulatedTerminal, unit: number, answer: number): void {
  const { units, tally, options } = world;
  const { trust } = terminal;
  terminal.commits++;
  tally.committed++;
  units.answer[unit] = answer;
  const isRevoked = trust.standing === 'revoked';
  if (!isRevoked) compareWithDropped(world, unit);
  if (!isRevoked) {
    const points = pointsOf(answer);
    terminal.claimed += points;
    terminal.escrow += points;
    if (answer !== answers.right) noteLie(world, terminal, points);
    if (trust.standing === 'trusted') {
      const level = trustLevels[options.level];
      tally.youngAudits += auditProbability(level, trust.passed) - level.auditProbability;
    }
  }
  act(world, terminal, null, unit, {
    kind: 'committed',
    fuel: answer === answers.fuel2 ? doubleFuel : answer === answers.fuel10 ? tenfoldFuel : fuel,
    typicalFuel: fuel,
    isCritical: false,
  });
}

/** The reference executor computed the run itself. */
export function takeReferred(world: World, author: SimulatedTerminal, unit: number): void {
  const { units } = world;
  units.answer[unit] = answers.right;
  compareWithDropped(world, unit);
  units.author[unit] = author.index;
  units.voucher[unit] = reference;
  act(world, author, null, unit, { kind: 'referred' });
}

function compareWithDropped(world: World, unit: number): void {
  const { units } = world;
  const droppedBy = at(units.droppedBy, unit);
  if (droppedBy === nobody) return;
  units.droppedBy[unit] = nobody;
  const former = terminalAt(world, droppedBy);
  if (!isSameAnswer(at(units.dropped, unit), at(units.answer, unit))) former.recallsWrong++;
  noteRecalled(world, former, unit);
}

function noteLie({ tally }: World, terminal: SimulatedTerminal, points: number): void {
  tally.claimedForLies += points;
  tally.liesTold++;
  terminal.lies++;
  if (terminal.lies > 1) return;
  terminal.firstLieAtCommit = terminal.commits;
  terminal.firstLieOnProbation = terminal.trust.standing === 'probation';
}

function deliverCopy(world: World, partner: SimulatedTerminal, unit: number): void {
  const { units, tally, random } = world;
  const author = terminalAt(world, at(units.author, unit));
  const reason = auditReasons[at(units.reason, unit)] ?? 'random';
  tally.copies[reason]++;
  const answer = answerOf(
    partner.strategy,
    {
      unit,
      isCopy: true,
      isTrusted: partner.trust.standing === 'trusted',
      committed: partner.commits,
      isFellowsLie: at(units.answer, unit) === answers.ring,
    },
    random.fraction(),
  );
  takeCopy(world, author, partner, unit, answer);
}

/** The second copy of a run is in, of a terminal or (null) of the reference executor. */
export function takeCopy(
  world: World,
  author: SimulatedTerminal,
  partner: SimulatedTerminal | null,
  unit: number,
  copy: number,
): void {
  const { units } = world;
  units.awaits[unit] = 0;
  const reason = auditReasons[at(units.reason, unit)] ?? 'random';
  const answer = at(units.answer, unit);
  const isEqual = isSameAnswer(answer, copy);
  units.copyBy[unit] = partner?.index ?? reference;
  units.copyAnswer[unit] = copy;
  const isBelieved = partner === null || partner.trust.standing === 'trusted';
  if (isEqual) noteAgreement(world, unit, partner?.index ?? reference, isBelieved && reason !== 'recall');
  const wasRevoked = author.trust.standing === 'revoked';
  act(world, author, partner, unit, {
    kind: 'compared',
    reason,
    comparison: isEqual ? 'equal' : pointsOf(answer) === pointsOf(copy) ? 'other-bytes' : 'other-fuel',
  });
  afterCopy(world, author, unit, wasRevoked);
}

/** The reference executor has judged a run: what it computed is right. */
export function takeJudgement(world: World, author: SimulatedTerminal, unit: number): void {
  const { units } = world;
  const isInAllForms = at(units.judging, unit) === 2;
  units.awaits[unit] = 0;
  units.judging[unit] = 0;
  const reason = auditReasons[at(units.reason, unit)] ?? 'random';
  const copyBy = at(units.copyBy, unit);
  const isAuthorRight = at(units.answer, unit) === answers.right;
  if (isAuthorRight) noteVoucher(world, unit, reference);
  const wasRevoked = author.trust.standing === 'revoked';
  act(world, author, copyBy < 0 ? null : terminalAt(world, copyBy), unit, {
    kind: 'judged',
    reason,
    isAuthorRight,
    isPartnerRight: at(units.copyAnswer, unit) === answers.right,
    dependsOnNan: isInAllForms ? false : null,
  });
  afterCopy(world, author, unit, wasRevoked);
}

function afterCopy(world: World, author: SimulatedTerminal, unit: number, wasRevoked: boolean): void {
  if (at(world.units.awaits, unit) === 1) return;
  if (wasRevoked) noteRecalled(world, author, unit);
  finalizeIfDue(world, author, unit);
}

/** Whoever agreed falls with a lie; one that is believed vouches for the run in place of who did before. */
function noteAgreement(world: World, unit: number, by: number, vouches: boolean): void {
  const other = vouches ? at(world.units.voucher, unit) : by;
  if (other >= 0) {
    const others = world.otherVouchers.get(unit);
    if (others === undefined) world.otherVouchers.set(unit, [other]);
    else others.push(other);
  }
  if (vouches) noteVoucher(world, unit, by);
}

/** The voucher, and whether the check was one drawn at random, as the flush's sample must be. */
function noteVoucher({ units }: World, unit: number, voucher: number): void {
  units.voucher[unit] = voucher;
  const reason = auditReasons[at(units.reason, unit)];
  units.sampled[unit] = reason === 'random' || reason === 'probation' || reason === 'flush' ? 1 : 2;
}

/** `fast`, `strict` and three that only judge: what a program has in which the bits of a NaN could be seen. */
const formsOfProgram = 5;
const fuel = 1_000_000n;
const doubleFuel = 2_000_000n;
const tenfoldFuel = 10_000_000n;
