import type { Draw } from '../draw.ts';
import type { SimulationOptions } from './options.ts';
import { strategies } from './strategy.ts';
import { createTerminal, type SimulatedTerminal } from './terminal.ts';

/** The pool as it will be: speeds from a quarter to four times the mean, a part present at once, the rest joining in the first half. */
export function createPopulation(options: SimulationOptions, draw: Draw): SimulatedTerminal[] {
  const { terminals, cheaters, strategy, units, presentAtStart, leavers } = options;
  const duration = (1.1 * units) / terminals;
  const cheats = Math.round(cheaters * terminals);
  const present = Math.max(1, Math.round(presentAtStart * terminals));
  const { lieRate } = options;
  const chosen = strategies[strategy];
  const cheating = lieRate === null ? chosen : { ...chosen, lieRate };
  const order = shuffled(terminals, draw);
  return Array.from({ length: terminals }, (_, index) => {
    // Which terminals cheat has nothing to do with when they join.
    const isCheat = (order[index] ?? 0) < cheats;
    const joinsAt = index < present ? 0 : draw.fraction() * duration * 0.5;
    const leavesAt =
      draw.fraction() < leavers ? joinsAt + draw.fraction() * (duration - joinsAt) : Number.POSITIVE_INFINITY;
    return createTerminal({
      index,
      // One in twenty shares a network with its neighbour.
      network: 1 + (index % 20 === 1 ? index - 1 : index),
      week: weekOf(joinsAt, duration),
      strategy: isCheat ? cheating : strategies.honest,
      isCheat: isCheat && !chosen.isFault,
      speed: randomSpeed(draw),
      joinsAt,
      leavesAt,
      identity: 0,
    });
  });
}

/** The week of registration; the whole run is taken for twenty weeks, the launch being the first. */
export function weekOf(at: number, duration: number): number {
  return 1 + Math.floor((20 * at) / duration);
}

/** Log-normal with σ = 0.5, cut at a quarter and four times. */
export function randomSpeed(draw: Draw): number {
  const normal = Math.sqrt(-2 * Math.log(1 - draw.fraction())) * Math.cos(2 * Math.PI * draw.fraction());
  return Math.min(4, Math.max(0.25, Math.exp(0.5 * normal)));
}

function shuffled(length: number, draw: Draw): number[] {
  const order = Array.from({ length }, (_, index) => index);
  for (let place = length - 1; place > 0; place--) {
    const other = Math.floor(draw.fraction() * (place + 1));
    [order[place], order[other]] = [order[other] ?? 0, order[place] ?? 0];
  }
  return order;
}
