import { RemoteError } from '@taika/http/call';
import type { RegistrationId } from '@taika/protocol/schema';
import { forgetMember } from '@taika/protocol/vendor/licenses';
import type { Host } from './host.ts';
import { readRegistrations } from './records.ts';
import { memberVendorCalls } from './vendor-calls.ts';

/** What a vendor says that has nothing to forget. */
const nothingThere: ReadonlySet<string> = new Set(['not-found', 'terminal-unknown', 'wrong-state']);

/** Ends the registrations at their vendors, then deletes everything here. A vendor that is out of reach stops it, so that nothing stays behind there unnoticed. */
export async function forgetEverything(host: Host): Promise<void> {
  for (const registration of await readRegistrations(host.store)) {
    const params = { registrationId: registration.registrationId as RegistrationId };
    try {
      await memberVendorCalls(host, registration).call(forgetMember, { params });
    } catch (error) {
      if (!(error instanceof RemoteError && nothingThere.has(error.code))) throw error;
    }
  }
  await host.store.clear('everything');
}
