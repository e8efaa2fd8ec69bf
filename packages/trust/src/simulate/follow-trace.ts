import { isDeepStrictEqual } from 'node:util';
import { seededRandom } from '@taika/runtime/random';
import type { Decision } from '../decision.ts';
import type { TrustEvent } from '../event.ts';
import type { TerminalTrust } from '../state.ts';
import type { TrustLevelName } from '../trust-level.ts';
import { countOpen } from './flush-round.ts';
import { defaultOptions } from './options.ts';
import { act, lapse } from './perform.ts';
import { strategies } from './strategy.ts';
import { createTerminal, type SimulatedTerminal } from './terminal.ts';
import { nobody, runStates } from './unit-store.ts';
import { takeCommit, takeCopy, takeJudgement, takeReferred } from './work.ts';
import { type Chance, createWorld, type Question, terminalAt, type World } from './world.ts';

/** A recorded decision, with what the record's keeper knows of the answers. */
export interface TraceStep extends Pick<Decision, 'state' | 'event' | 'effects'> {
  /** The run that it is about, from 0. */
  readonly unit: number;
  /** What was committed or what the copy was, in the simulator's words (strategy.ts). */
  readonly answer?: number;
}

/** The first place where servers and simulator went different ways. */
export type Parting =
  /** The simulator decided something that the servers did not. */
  | { readonly kind: 'not-recorded'; readonly at: number; readonly event: TrustEvent; readonly unit: number }
  /** The servers decided something that the simulator did not. */
  | { readonly kind: 'not-decided'; readonly at: number; readonly step: TraceStep }
  /** Both decided, and knew different things. */
  | {
      readonly kind: 'other-knowledge';
      readonly at: number;
      readonly recorded: unknown;
      readonly simulated: unknown;
    };

/**
 * Lets the simulator live through what servers recorded: it is fed what came from outside (results, copies, judgements,
 * copies that did not come, a job's end) and must come to every other decision by itself, knowing the same of
 * everybody. Gives the world as it ends, and where the two part, if they do.
 */
export function followTrace(
  steps: readonly TraceStep[],
  { level }: { readonly level: TrustLevelName },
): { readonly world: World; readonly parting: Parting | undefined } {
  const record = createRecord(steps);
  const world = createWorld(
    { ...defaultOptions, level, units: 1 + Math.max(0, ...steps.map(({ unit }) => unit)) },
    seededRandom('nothing is drawn here'),
    { terminals: terminalsOf(steps), chance: record.chance },
  );
  for (const [at, step] of steps.entries()) {
    if (!record.isOpen(step)) continue;
    world.now = at;
    record.at = at;
    feed(world, step);
    if (record.parting !== undefined) break;
  }
  const left = steps.findIndex((step) => record.isOpen(step));
  const parting =
    record.parting ??
    (left < 0 ? undefined : { kind: 'not-decided' as const, at: left, step: steps[left] as TraceStep });
  return { world, parting };
}

/** Tells the world what came from outside; what follows from it is not told. */
function feed(world: World, { state, event, unit, answer = 0 }: TraceStep): void {
  const author = terminalAt(world, state.terminal.terminal);
  switch (event.kind) {
    case 'committed':
      world.units.state[unit] = runStates.out;
      world.units.author[unit] = author.index;
      takeCommit(world, author, unit, answer);
      return;
    case 'compared':
      takeCopy(world, author, partnerOf(world, state.partner), unit, answer);
      return;
    case 'judged':
      takeJudgement(world, author, unit);
      return;
    case 'referred':
      takeReferred(world, author, unit);
      return;
    case 'audit-lapsed':
      lapse(world, unit);
      return;
    case 'job-ended':
      author.flushLast = author.last;
      act(world, author, null, unit, { kind: 'job-ended', ...countOpen(world, author) });
      return;
    case 'flush-passed':
    case 'seen':
    case 'updated':
      act(world, author, null, unit, event);
      return;
    default:
      // The simulator must come to it by itself.
      return;
  }
}

interface Record {
  readonly chance: Chance;
  isOpen(step: TraceStep): boolean;
  at: number;
  parting: Parting | undefined;
}

function createRecord(steps: readonly TraceStep[]): Record {
  const waiting = new Map<string, TraceStep[]>();
  const open = new Set(steps);
  for (const step of steps) {
    const key = keyOf(step.event, step.state.terminal.terminal, step.unit);
    waiting.set(key, [...(waiting.get(key) ?? []), step]);
  }
  const record: Record = {
    at: 0,
    parting: undefined,
    isOpen: (step) => open.has(step),
    chance: {
      decide(_world, question) {
        const { event, author, unit } = question;
        const step = waiting.get(keyOf(event, author.index, unit))?.shift();
        if (step === undefined) {
          record.parting ??= { kind: 'not-recorded', at: record.at, event, unit };
          return [];
        }
        open.delete(step);
        record.parting ??= compareKnowledge(record.at, step, question);
        return step.effects;
      },
      sample(_world, terminal, unchecked, count) {
        const picked = steps.filter(
          (step) =>
            open.has(step) &&
            step.event.kind === 'picked' &&
            step.event.reason === 'flush' &&
            step.state.terminal.terminal === terminal.index,
        );
        // A later flush of the same terminal picks too.
        return picked.slice(0, Math.min(count, unchecked.length)).map(({ unit }) => unit);
      },
      assign: () => {},
    },
  };
  return record;
}

/** What happens once a terminal or once a run; the run of the others is of no meaning. */
function keyOf(event: TrustEvent, terminal: number, unit: number): string {
  const isOfTerminal = ['job-ended', 'flush-passed', 'lie-proven', 'recall-ended', 'seen', 'updated'];
  const about = isOfTerminal.includes(event.kind) ? '' : ` ${unit}`;
  return `${event.kind}${event.kind === 'picked' ? ` ${event.reason}` : ''} ${terminal}${about}`;
}

function compareKnowledge(at: number, step: TraceStep, { state, event }: Question): Parting | undefined {
  const recorded = knowledgeOf(step.state, step.event);
  const simulated = knowledgeOf(state, event);
  return isDeepStrictEqual(recorded, simulated)
    ? undefined
    : { kind: 'other-knowledge', at, recorded, simulated };
}

/** Networks and fuel are facts from outside, which the simulator has other figures for. */
function knowledgeOf({ terminal, partner }: TraceStep['state'], event: TrustEvent) {
  const known = ({ network, week, ...row }: TerminalTrust) => row;
  // The simulator's copies lapse in the middle of the decision that revokes their partner, the servers' after it.
  if (event.kind === 'audit-lapsed') return { standing: terminal.standing, event };
  return {
    terminal: known(terminal),
    partner: partner === null ? null : known(partner),
    event: event.kind === 'committed' ? event.kind : event,
  };
}

function partnerOf(world: World, partner: TerminalTrust | null): SimulatedTerminal | null {
  return partner === null ? null : terminalAt(world, partner.terminal);
}

/** Everybody who is named, as first seen; a terminal's number is its place. */
function terminalsOf(steps: readonly TraceStep[]): SimulatedTerminal[] {
  const terminals: SimulatedTerminal[] = [];
  for (const { state } of steps) {
    for (const trust of [state.terminal, state.partner]) {
      if (trust === null || terminals[trust.terminal] !== undefined) continue;
      const { terminal: index, network, week, isDecoy } = trust;
      const known = { index, network, week, isDecoy, strategy: strategies.honest, isCheat: false };
      terminals[index] = { ...createTerminal({ ...known, speed: 1, joinsAt: 0, identity: 0 }), trust };
    }
  }
  return terminals;
}

/** How a followed run ended: final or not, and as what; undefined where it was never committed. */
export function endOf(world: World, unit: number): { isFinal: boolean; answer: number } | undefined {
  const { state, author, answer } = world.units;
  if (author[unit] === nobody) return undefined;
  return { isFinal: state[unit] === runStates.final, answer: answer[unit] ?? 0 };
}
