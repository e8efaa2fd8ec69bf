import type { Caller } from '@taika/http/call';
import { revokeTerminal as revokeRoute } from '@taika/protocol/dispatch/parties';
import type { TerminalId } from '@taika/protocol/schema';
import type { Answer } from './contractor.ts';

/** Revokes a terminal. */
export async function revokeTerminal(
  server: Caller,
  { json }: Answer,
  { reason }: { readonly reason: string },
  terminalId: string,
): Promise<void> {
  const terminal = await server.call(revokeRoute, {
    params: { terminalId: terminalId as TerminalId },
    body: { reason },
  });
  console.log(
    json
      ? JSON.stringify({ terminal })
      : `Terminal ${terminal.name} is revoked. What it holds goes to others; it gets nothing more within 5 seconds.`,
  );
}
