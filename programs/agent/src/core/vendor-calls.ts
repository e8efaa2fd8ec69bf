import { thumbprint } from '@taika/crypto/keys';
import { signRequest } from '@taika/crypto/signed-request';
import { type Caller, createCaller } from '@taika/http/call';
import type { Host } from './host.ts';
import type { RegistrationRecord } from './records.ts';

/** Calls a vendor server as nobody in particular. */
export function publicVendorCalls(host: Host, vendorUrl: string): Caller {
  const { clock, random, fetch } = host;
  return createCaller({
    baseUrl: vendorUrl,
    clock,
    random,
    fetch,
    userAgent: `taika-agent/${host.agentVersion}`,
  });
}

/** Calls a vendor server as the member: each request is signed by the terminal's key. */
export function memberVendorCalls(host: Host, registration: RegistrationRecord): Caller {
  const { clock, random, fetch, terminal } = host;
  return createCaller({
    baseUrl: registration.vendorUrl,
    clock,
    random,
    fetch,
    userAgent: `taika-agent/${host.agentVersion}`,
    authorize: async ({ method, path, body }) => ({
      authorization: await signRequest({
        method,
        path,
        body,
        issuer: await thumbprint(terminal.publicKey),
        audience: registration.vendorId,
        key: terminal.privateKey,
        now: clock.now(),
        random,
      }),
    }),
  });
}
