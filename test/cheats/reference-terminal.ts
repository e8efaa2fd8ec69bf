import { createDispatchCalls } from '@taika/agent/core/dispatch-calls';
import { generateKeyPair } from '@taika/crypto/keys';
import { cycle, type ReportText } from '@taika/protocol/dispatch/cycle';
import { addOwnTerminal } from '@taika/protocol/dispatch/trust';
import type { TerminalId } from '@taika/protocol/schema';
import { systemClock } from '@taika/runtime/clock';
import { uuidv7 } from '@taika/runtime/identifiers';
import { silentLogger } from '@taika/runtime/logger';
import { systemRandom } from '@taika/runtime/random';
import type { Companies } from 'taika/up/companies';
import { createMemoryStore } from './memory-store.ts';
import { compute } from './program.ts';

/** The contractor's own terminal, which computes what these tests' terminals compute, and is right. */
export async function joinReference({
  contractor,
  dispatchUrl,
}: Companies): Promise<{ work(signal: AbortSignal): Promise<void>; readonly computed: () => number }> {
  const terminal = await generateKeyPair();
  const { kty, crv, x } = terminal.publicKey;
  await contractor.call(addOwnTerminal, {
    params: { terminalId: uuidv7(new Date(), systemRandom) as TerminalId },
    body: { role: 'reference', name: 'Reference', publicKey: { kty, crv, x } },
  });
  const host = {
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    fetch,
    openSandbox: () => Promise.reject(new Error('These terminals run no program.')),
    store: createMemoryStore(),
    terminal,
    terminalName: 'Reference',
    agentVersion: '0.1.0',
  };
  const dispatch = createDispatchCalls(host, dispatchUrl);
  let computed = 0;
  return {
    computed: () => computed,
    async work(signal) {
      let reports: ReportText[] = [];
      while (!signal.aborted) {
        const body = {
          cycleId: uuidv7(new Date(), systemRandom),
          reports,
          want: { unitsMax: 64, parallel: 4, memoryMiB: 1024 },
          state: 'computing',
        } as const;
        const reply = await dispatch.asTerminal((caller) => caller.call(cycle, { body }));
        reports = reply.assignments.map(({ assignmentId, input }) => {
          if (input.kind !== 'inline') throw new Error('Units of one line are sent inline.');
          const lines = Buffer.from(input.bytes, 'base64')
            .toString()
            .split(/(?<=\n)/);
          const answers = lines.map(compute);
          computed += answers.length;
          return {
            assignmentId,
            fuels: answers.map(({ fuel }) => fuel),
            outputs: answers.map(({ output }) => Buffer.from(output).toString('base64')),
          };
        });
        if (reports.length === 0) await new Promise((resolve) => setTimeout(resolve, 30));
      }
    },
  };
}
