import { say } from '@taika/cli/say';
import type { SandboxPriority } from '@taika/runner/sandbox';
import { runUntilSignal } from '@taika/runtime/shutdown';
import { createConsoleLog } from '../node/console-log.ts';
import { runAgent } from '../node/run-agent.ts';

export interface RunOptions {
  readonly cores: number;
  readonly memory: number;
  readonly priority: SandboxPriority;
  readonly verbose?: boolean;
}

/** `taika agent run`: computes in the foreground until Ctrl-C, `taika agent stop`, or `forget`. */
export async function runRun(place: { home: string; isOwn: boolean }, options: RunOptions): Promise<void> {
  const log = createConsoleLog(options.verbose ?? false);
  const { cores, memory: memoryMiB, priority } = options;
  // Started before the signals are listened to: what refuses to start is a sentence, not a stack.
  const running = await runAgent({ ...place, log, cores, memoryMiB, priority });
  const granted = running.agent.cores;
  say(
    `The agent runs on up to ${granted} core${granted === 1 ? '' : 's'} at ${priority === 'lowest' ? 'the lowest' : 'ordinary'} priority. Stop it with Ctrl-C or \`taika agent stop\`.`,
  );
  say(`Applications reach it at ${running.sockets.link}`);
  await runUntilSignal(async () => {
    running.stopped.then(() => process.kill(process.pid, 'SIGTERM'));
    return running;
  });
}
