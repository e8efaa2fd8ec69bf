import assert from 'node:assert/strict';
import { graceMs, leaseMsMax } from '@taika/license/license-state';
import { createModelAgent, type ModelAgent } from './model-agent.ts';
import { createModelApplication, type ModelApplication } from './model-application.ts';
import { createModelMachine, type ModelMachine } from './model-machine.ts';
import { createModelServers, type ModelServers } from './model-servers.ts';

/** Application, agent, vendor and dispatch server on one virtual clock; every moment is held against the invariants. */
export interface ModelWorld {
  readonly machine: ModelMachine;
  readonly servers: ModelServers;
  readonly agent: ModelAgent;
  readonly application: ModelApplication;
  /** How often the application was found active: a model in which it never is shows nothing. */
  readonly timesActive: number;
  startAgent(): void;
  endAgent(how: 'stopped' | 'crashed'): void;
  setClock(offsetMs: number): void;
  pass(ms: number): void;
  check(): void;
}

/** The agent keeps its counted time this often, so a crash loses as much. */
const keptEveryMs = 60_000;

export function createModelWorld(): ModelWorld {
  const machine = createModelMachine();
  const servers = createModelServers();
  const agent: ModelAgent = createModelAgent(machine, servers, () => application.review());
  const application = createModelApplication(machine, () => agent);
  let lastEnd: 'stopped' | 'crashed' = 'stopped';
  let endedAtMs: number | undefined = machine.realMs;
  let wasSetBack = false;
  let timesActive = 0;
  /** Time that nobody on the machine counted since the servers' last word. */
  let uncounted = { agentMs: 0, applicationMs: 0 };
  let confirmedAtMs = servers.confirmed.atMs;

  /** Only a clock that was set back while a program did not run hides time, and no more than that program was away. */
  function hiddenMs(): number {
    const awayMs = endedAtMs === undefined ? 0 : machine.realMs - endedAtMs;
    return wasSetBack ? uncounted.agentMs + awayMs + application.stoppedMs - uncounted.applicationMs : 0;
  }

  const world: ModelWorld = {
    machine,
    servers,
    agent,
    application,
    get timesActive() {
      return timesActive;
    },
    startAgent() {
      uncounted.agentMs += machine.realMs - (endedAtMs ?? machine.realMs);
      endedAtMs = undefined;
      agent.start();
    },
    endAgent(how) {
      lastEnd = how;
      endedAtMs = machine.realMs;
      if (how === 'crashed') uncounted.agentMs += keptEveryMs;
      agent.end(how);
      application.lose(how);
    },
    setClock(offsetMs) {
      wasSetBack ||= offsetMs < machine.offsetMs;
      machine.offsetMs = offsetMs;
      application.look();
    },
    pass: (ms) => machine.pass(ms, world.check),
    check() {
      if (servers.confirmed.atMs !== confirmedAtMs) {
        confirmedAtMs = servers.confirmed.atMs;
        uncounted = { agentMs: 0, applicationMs: application.stoppedMs };
      }
      const { kind } = application.state;
      if (kind === 'restricted') return;
      timesActive++;
      const endMs = servers.confirmed.endsAtMs + leaseMsMax + hiddenMs();
      if (kind === 'grace') {
        assert.equal(lastEnd, 'crashed', 'grace comes after a crash only');
        assert.ok(machine.realMs <= endMs + graceMs, 'grace adds five minutes');
      } else assert.ok(machine.realMs <= endMs, `${kind} ${machine.realMs - endMs} ms too late`);
    },
  };
  return world;
}
