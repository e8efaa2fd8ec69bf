import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Layout } from './layout.ts';
import { agentSockets, type Member } from './member.ts';
import { type Service, startService } from './service.ts';

/** The member's application, running; its page asks for the token in the address. */
export interface Application extends AsyncDisposable {
  readonly url: string;
}

/** Starts the application that the member downloaded. It finds the member's agent by the socket that the agent names. */
export async function startApplication(
  member: Member & { readonly applicationFile: string },
  layout: Layout,
  onRestart: (name: string) => void,
): Promise<Application> {
  const logFile = join(layout.logs, `application-${member.name}.log`);
  const { link } = await agentSockets(member);
  const loggedBefore = await sizeOf(logFile);
  const service: Service = await startService({
    name: `application of ${member.name}`,
    command: [member.applicationFile, layout.member(member.name).documents, '--no-open'],
    environment: { TAIKA_AGENT_SOCKET: link },
    logFile,
    isReady: async () => (await addressIn(logFile, loggedBefore)) !== undefined,
    onRestart,
  });
  return {
    url: (await addressIn(logFile, loggedBefore)) ?? '',
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

/** The address that the application printed at this start. */
async function addressIn(logFile: string, from: number): Promise<string | undefined> {
  const text = (await readFile(logFile)).subarray(from).toString('utf8');
  return /^Open (http:\S+)$/m.exec(text)?.[1];
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
