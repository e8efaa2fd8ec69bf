import { decide } from '../decide.ts';
import { putIntoInbox } from './hand-out.ts';
import type { Chance } from './world.ts';

/** A world of its own: everything is drawn from its seed. */
export const ownChance: Chance = {
  decide: (world, { state, event }) => decide({ ...state, pool: world.trusted }, event, world.random),
  // In one pass (Knuth's algorithm S).
  sample({ random }, _terminal, open, count) {
    let wanted = Math.min(count, open.length);
    return open.filter((_, seen) => {
      const isPicked = random.fraction() * (open.length - seen) < wanted;
      if (isPicked) wanted--;
      return isPicked;
    });
  },
  assign: putIntoInbox,
};
