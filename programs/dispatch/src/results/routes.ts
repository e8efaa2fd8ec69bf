import { callerOf } from '@taika/http/access';
import { type CycleReplyText, type CycleRequestText, cycle } from '@taika/protocol/dispatch/cycle';
import type { DispatchRouter } from '../access/router.ts';
import type { TerminalCaller } from '../context.ts';
import { addressOf } from '../terminals/network.ts';
import type { WorkContext } from '../work-context.ts';
import { runCycle } from './cycle.ts';
import { createRecentCycles } from './recent-cycles.ts';

/** The agent's cycle. Of two calls with one id at once, as after a broken connection, the second waits for the first's answer; a later one gets the same assignments. */
export function registerCycleRoutes(route: DispatchRouter, work: WorkContext): void {
  const recent = createRecentCycles(work.context.clock);
  const inFlight = new Map<string, Promise<CycleReplyText>>();
  const answerOnce = async (
    key: string,
    terminal: TerminalCaller,
    { body, address }: { readonly body: CycleRequestText; readonly address: string },
  ) => {
    const earlier = recent.find(key);
    if (earlier === undefined) {
      recent.note(key, 'begun');
    }
    const reply = await runCycle(work, terminal, body, { earlier, address });
    recent.note(key, 'answered');
    return reply;
  };
  route(cycle, ({ body, caller, request }) => {
    const terminal = callerOf('terminal', caller);
    const key = `${terminal.terminalNumber} ${body.cycleId}`;
    let answer = inFlight.get(key);
    if (answer === undefined) {
      const forwarded = request.headers['x-forwarded-for'];
      const address = addressOf(request.raw.socket.remoteAddress, String(forwarded ?? ''));
      answer = answerOnce(key, terminal, { body, address }).finally(() => inFlight.delete(key));
      inFlight.set(key, answer);
    }
    return answer;
  });
}
