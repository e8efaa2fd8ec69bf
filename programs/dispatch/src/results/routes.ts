import { callerOf } from '@taika/http/access';
import { type CycleReplyText, cycle } from '@taika/protocol/dispatch/cycle';
import type { DispatchRouter } from '../access/router.ts';
import type { WorkContext } from '../work-context.ts';
import { runCycle } from './cycle.ts';

/** The agent's cycle. Of two calls with one id at once, as after a broken connection, the second waits for the first's answer. */
export function registerCycleRoutes(route: DispatchRouter, work: WorkContext): void {
  const inFlight = new Map<string, Promise<CycleReplyText>>();
  route(cycle, ({ body, caller }) => {
    const terminal = callerOf('terminal', caller);
    const key = `${terminal.terminalNumber} ${body.cycleId}`;
    let answer = inFlight.get(key);
    if (answer === undefined) {
      answer = runCycle(work, terminal, body).finally(() => inFlight.delete(key));
      inFlight.set(key, answer);
    }
    return answer;
  });
}
