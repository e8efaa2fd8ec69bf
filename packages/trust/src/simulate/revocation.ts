import { weekOf } from './population.ts';
import { strategies } from './strategy.ts';
import { createTerminal, type SimulatedTerminal } from './terminal.ts';
import type { World } from './world.ts';

/** Counts a revocation: of whom, and how long after the first lie. */
export function noteRevocation({ tally }: World, terminal: SimulatedTerminal): void {
  if (!terminal.isCheat) {
    if (terminal.strategy.isFault) tally.faultyRevoked++;
    else tally.honestRevoked++;
    return;
  }
  tally.cheatsRevoked++;
  if (terminal.lies === 0) return;
  if (terminal.firstLieOnProbation) {
    tally.caughtOnProbation++;
    if (terminal.trust.passed === 0) tally.caughtAtFirstCheck++;
  } else {
    tally.resultsToDetect.push(terminal.commits - terminal.firstLieAtCommit + 1);
  }
}

/** What is in escrow or not yet vested is forfeited. */
export function forfeit(terminal: SimulatedTerminal): void {
  terminal.forfeited += terminal.escrow + terminal.unvested;
  terminal.escrow = 0;
  terminal.unvested = 0;
  terminal.unvestedForLies = 0;
}

/** It was let in again: what it did before is settled. */
export function beginAgain({ tally }: World, terminal: SimulatedTerminal): void {
  tally.reentries++;
  terminal.lies = 0;
  terminal.recallsWrong = 0;
  terminal.recallsDone = 0;
  terminal.isRecallIsolated = true;
}

/** A whitewashing cheat registers somebody else, on another network, soon after. */
export function returnAsAnother(world: World, terminal: SimulatedTerminal): void {
  const { terminals, options, now, heap } = world;
  if (!terminal.strategy.whitewashes || terminal.identity + 1 >= options.identities) return;
  const index = terminals.length;
  const joinsAt = now + pauseBeforeReturn;
  terminals.push(
    createTerminal({
      index,
      network: 1 + index,
      week: weekOf(now, (1.1 * options.units) / options.terminals),
      strategy: terminal.isCheat ? terminal.strategy : strategies.honest,
      isCheat: terminal.isCheat,
      speed: terminal.speed,
      joinsAt,
      identity: terminal.identity + 1,
    }),
  );
  heap.push(joinsAt, index);
}

const pauseBeforeReturn = 10;
