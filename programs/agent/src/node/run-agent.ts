import type { SandboxPriority } from '@taika/runner/sandbox';
import type { Logger } from '@taika/runtime/logger';
import { type Agent, type AgentOptions, startAgent } from '../core/agent.ts';
import { forgetEverything } from '../core/forget.ts';
import type { AgentStatus } from '../core/status.ts';
import { serveLink } from '../link/serve-link.ts';
import { type ControlRequest, serveControl } from './control.ts';
import { createNodeHost } from './node-host.ts';
import { chooseSockets } from './socket-places.ts';

export interface RunAgentOptions extends AgentOptions {
  readonly home: string;
  /** The user's own agent, which listens where applications look. */
  readonly isOwn: boolean;
  readonly log: Logger;
  /** How customers' programs stand to the member's own. */
  readonly priority: SandboxPriority;
}

/** A running agent process: disposing stops it in order. */
export interface RunningAgent extends AsyncDisposable {
  readonly agent: Agent;
  readonly sockets: { readonly link: string; readonly control: string };
  /** Resolves when the member asked for the end by a command. */
  readonly stopped: Promise<void>;
}

/** Runs the agent of a home with its link and its control socket. Throws a SocketTakenError when it runs already. */
export async function runAgent({
  home,
  isOwn,
  log,
  priority,
  ...options
}: RunAgentOptions): Promise<RunningAgent> {
  const host = await createNodeHost(home, { log, priority });
  const sockets = await chooseSockets({ home, isOwn });
  const { promise: forgotten, resolve: markForgotten } = Promise.withResolvers<void>();
  let agent: Agent | undefined;
  let link: Awaited<ReturnType<typeof serveLink>> | undefined;
  // First of all, so that two agents of one home never compute at the same time.
  const control = await serveControl(sockets.control, async (request) => {
    if (agent === undefined || link === undefined) throw new Error('The agent is starting.');
    return handle(agent, request, {
      status: { sockets, home, pid: process.pid, applications: link.applications() },
      forget: async (running) => {
        await running.withdraw().catch(() => {});
        await forgetEverything(host);
        markForgotten();
      },
    });
  });
  try {
    agent = await startAgent(host, options);
    const { clock, random, agentVersion } = host;
    link = await serveLink({ path: sockets.link, desk: agent.desk, clock, random, log, agentVersion });
  } catch (error) {
    await agent?.[Symbol.asyncDispose]();
    await control[Symbol.asyncDispose]();
    throw error;
  }
  const [running, serving] = [agent, link];
  return {
    agent: running,
    sockets,
    stopped: Promise.race([running.stopped, forgotten]),
    async [Symbol.asyncDispose]() {
      // Applications are told before the last report is sent, so that they need not wait for a network.
      await serving[Symbol.asyncDispose]();
      await running[Symbol.asyncDispose]();
      await control[Symbol.asyncDispose]();
    },
  };
}

interface HandleContext {
  readonly status: Pick<AgentStatus, 'sockets' | 'home' | 'pid' | 'applications'>;
  readonly forget: (agent: Agent) => Promise<void>;
}

async function handle(
  agent: Agent,
  request: ControlRequest,
  { status, forget }: HandleContext,
): Promise<unknown> {
  switch (request.verb) {
    case 'status':
      return { ...(await agent.status()), ...status } satisfies AgentStatus;
    case 'pause':
      return agent.pause(request.untilMs);
    case 'resume':
      return agent.resume();
    case 'finish':
      return agent.finish(request.next ?? 'paused');
    case 'stop':
      return agent.stop();
    case 'withdraw':
      return agent.withdraw();
    case 'forget':
      return forget(agent);
    case 'reload':
      return agent.reload();
  }
}
