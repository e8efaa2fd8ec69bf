import type { AgentState } from './agent-state.ts';
import type { EnergyMeter } from './energy.ts';
import type { GrantKeeper } from './grants.ts';
import type { Host } from './host.ts';
import type { PointsBalance } from './points.ts';
import type { RegistrationRecord } from './records.ts';
import type { AgentStatus } from './status.ts';
import { reasonOf, registrationStatus } from './view-status.ts';
import type { WorkLimits } from './work/work-loop.ts';
import type { WorkView } from './work/work-view.ts';

/** What the core knows of itself; its places are the program's. */
export type CoreStatus = Omit<AgentStatus, 'applications' | 'sockets' | 'home' | 'pid'>;

export interface AgentFacts {
  readonly host: Host;
  readonly state: AgentState;
  readonly limits: WorkLimits;
  readonly work: WorkView;
  readonly meter: EnergyMeter;
  readonly points: PointsBalance | undefined;
  readonly registrations: readonly RegistrationRecord[];
  readonly grants: GrantKeeper;
}

/** Everything that the agent shows of itself (AGENT.md T1). */
export function describeAgent(facts: AgentFacts): CoreStatus {
  const { host, state, limits, work, meter, points, registrations, grants } = facts;
  const { clock, agentVersion: version } = host;
  return {
    version,
    state: state.kind,
    reason: reasonOf(state, work.reason),
    ...(state.kind === 'paused' && state.untilMs !== undefined
      ? { pausedUntil: new Date(state.untilMs).toISOString() }
      : {}),
    ...limits,
    ...(work.isolationLevel === undefined ? {} : { isolationLevel: work.isolationLevel }),
    runs: work.runs,
    units: work.counts,
    busyCores: rounded(meter.busyCores(clock.monotonicMs()), 2),
    kWhToday: rounded(meter.kWhToday(clock.now()), 4),
    ...(points === undefined ? {} : { points }),
    registrations: registrations.map((each) =>
      registrationStatus(each, grants.standing(each), grants.time.now()),
    ),
  };
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
