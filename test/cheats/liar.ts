import type { Random } from '@taika/runtime/random';
import { answerOf, answers, type Strategy } from '@taika/trust/simulate/strategy';
import { compute, type UnitAnswer } from './program.ts';

/** What the ring's members tell each other: about which units somebody of theirs lied. */
export interface Ring {
  readonly lies: Set<string>;
}

/** What a cheat is let know that the wire does not tell: the worst case for us. */
export interface Omniscience {
  isTrusted(terminalId: string): boolean;
  /** Somebody handed in a result of this unit before. */
  isCommitted(jobId: string, unit: number): boolean;
  /** More waits to be checked than a pool would hand in meanwhile whose units take a minute each. */
  isAhead(): boolean;
}

/** A terminal's mind: the strategy of the simulator, applied to real units. */
export interface Liar {
  answer(jobId: string, unit: number, input: string): UnitAnswer & { readonly isLie: boolean };
  readonly committed: number;
  readonly lies: number;
}

export function createLiar(
  strategy: Strategy,
  {
    name,
    terminalId,
    ring,
    random,
    known,
  }: {
    readonly name: string;
    readonly terminalId: string;
    readonly ring: Ring;
    readonly random: Random;
    readonly known: Omniscience;
  },
): Liar {
  let committed = 0;
  let lies = 0;
  return {
    get committed() {
      return committed;
    },
    get lies() {
      return lies;
    },
    answer(jobId, unit, input) {
      const place = `${jobId} ${unit}`;
      const sight = {
        unit,
        isCopy: known.isCommitted(jobId, unit),
        isTrusted: known.isTrusted(terminalId),
        committed,
        isFellowsLie: ring.lies.has(place),
      };
      const answer = answerOf(strategy, sight, random.fraction());
      committed++;
      const { output, fuel } = compute(input);
      if (answer === answers.right) return { output, fuel, isLie: false };
      lies++;
      if (answer === answers.ring) {
        ring.lies.add(place);
        return { output: `what the ring says of ${unit}\n`, fuel, isLie: true };
      }
      if (answer === answers.own) return { output: `what ${name} says of ${unit}\n`, fuel, isLie: true };
      return { output, fuel: fuel * (answer === answers.fuel2 ? 2 : 10), isLie: true };
    },
  };
}
