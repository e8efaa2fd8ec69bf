import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createFileKeyStore } from '@taika/agent/node/key-store';
import { addOwnTerminal } from '@taika/protocol/dispatch/trust';
import type { TerminalId } from '@taika/protocol/schema';
import { type Companies, taika } from './companies.ts';
import type { Layout } from './layout.ts';
import { type Service, startService } from './service.ts';
import { readState, writeState } from './state-file.ts';
import type { Story } from './story.ts';

/**
 * Adds the contractor's reference executor and runs it: in a young pool there is nobody else whose word could be taken.
 * On one core, because this machine computes as the members' too. Repeated, it goes on with the same key.
 */
export async function startReference(companies: Companies, layout: Layout, story: Story): Promise<Service> {
  const keys = createFileKeyStore(layout.reference);
  const { kty, crv, x } = (await keys.load()).publicKey;
  await companies.contractor.call(addOwnTerminal, {
    params: { terminalId: await keepId(layout.state) },
    body: { role: 'reference', name: 'Reference of contractor Kumo', publicKey: { kty, crv, x } },
  });
  const logFile = join(layout.logs, 'reference.log');
  const loggedBefore = await sizeOf(logFile);
  const service = await startService({
    name: 'reference executor',
    command: [
      ...[taika, 'reference', 'run', '--dispatch-url', companies.dispatchUrl],
      ...['--key', keys.file, '--home', layout.reference, '--cores', '1'],
    ],
    logFile,
    // It says so when the dispatch server has answered it.
    isReady: async () => (await readFile(logFile)).subarray(loggedBefore).includes('works for'),
    onRestart: (name) => story.step('', `The ${name} ended by itself and was started again.`),
  });
  story.step('', 'contractor Kumo’s reference executor, whose word decides about results');
  return service;
}

/** Written before the server hears of it, so that a start that was interrupted goes on with the same terminal. */
async function keepId(stateFile: string): Promise<TerminalId> {
  const state = await readState(stateFile);
  const referenceId = state.referenceId ?? randomUUID();
  if (state.referenceId === undefined) await writeState(stateFile, { ...state, referenceId });
  return referenceId as TerminalId;
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
