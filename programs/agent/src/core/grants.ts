import { RemoteError } from '@taika/http/call';
import { checkGrant } from '@taika/license/check-grant';
import { createTrustedTime, type TrustedTime } from '@taika/license/trusted-time';
import type { LicenseId } from '@taika/protocol/schema';
import { requestGrant } from '@taika/protocol/vendor/licenses';
import type { Host } from './host.ts';
import { type RegistrationRecord, recordNames } from './records.ts';
import { reasonOfRefusal } from './refusal-reason.ts';
import { type LicenseRefusal, type LicenseStanding, type StoredGrant, standingOf } from './standing.ts';
import { memberVendorCalls } from './vendor-calls.ts';

/** Keeps the vendors' grants fresh. */
export interface GrantKeeper {
  /** What may be promised for an application now. */
  standing(registration: RegistrationRecord): LicenseStanding;
  /** Asks the vendor for a grant; gives when to ask again, in milliseconds. Never throws for what a vendor or a network does. */
  refresh(registration: RegistrationRecord, signal?: AbortSignal): Promise<number>;
  /** Whether the vendor refused because the dispatch server had not heard from this terminal: its next answer mends that. */
  isUnseen(registration: RegistrationRecord): boolean;
  /** Whether the license rests while the contractor checks a terminal: this one, or another that it covers. */
  isSuspended(registration: RegistrationRecord): boolean;
  readonly time: TrustedTime;
  /** Keeps the trusted time for the next start, so that setting the clock back meanwhile gains nothing. */
  rememberTime(): Promise<void>;
}

/** After a failure or a refusal the vendor is asked again at this pace, growing to the second. */
const askAgainMs = { first: 2000, most: 60_000 };

/** Creates a keeper with the grants that an earlier run left. `changed` is called after each change. */
export async function createGrantKeeper(host: Host, changed: () => void): Promise<GrantKeeper> {
  const stored = (await host.store.read<Record<string, StoredGrant>>(recordNames.grants)) ?? {};
  const seen = await host.store.read<string>(recordNames.seen);
  const time = createTrustedTime(host.clock, seen === undefined ? undefined : new Date(seen));
  const grants = new Map(Object.entries(stored));
  const refusals = new Map<string, LicenseRefusal>();
  /** Attempts in a row that failed because nobody could be reached. */
  const failures = new Map<string, number>();
  /** Attempts in a row without a grant, whatever the cause. */
  const misses = new Map<string, number>();

  async function rememberTime(): Promise<void> {
    await host.store.update<string>(recordNames.seen, () => time.latest?.toISOString());
  }

  async function keep(licenseId: string, grant: StoredGrant): Promise<void> {
    grants.set(licenseId, grant);
    await host.store.update<Record<string, StoredGrant>>(recordNames.grants, (before) => ({
      ...before,
      [licenseId]: grant,
    }));
    await rememberTime();
  }

  async function ask(
    registration: RegistrationRecord,
    licenseId: string,
    signal?: AbortSignal,
  ): Promise<number> {
    const params = { licenseId: licenseId as LicenseId };
    const reply = await memberVendorCalls(host, registration).call(requestGrant, { params, signal });
    const { vendorKey, product } = registration;
    const claims = await checkGrant({
      grant: reply.grant,
      app: product,
      vendorKeys: { current: vendorKey },
      terminalKey: host.terminal.publicKey,
      time,
    });
    await keep(licenseId, { grant: reply.grant, claims });
    if (refusals.delete(licenseId)) host.log.info({ product }, 'The license is back.');
    return reply.refreshAfterMs;
  }

  return {
    time,
    rememberTime,
    isUnseen: ({ licenseId = '' }) => refusals.get(licenseId)?.reason.code === 'agent-not-seen',
    isSuspended: ({ licenseId = '' }) => refusals.get(licenseId)?.reason.code === 'suspended',
    standing({ licenseId = '' }) {
      const isOffline = failures.has(licenseId);
      return standingOf(grants.get(licenseId), refusals.get(licenseId), { now: time.now(), isOffline });
    },
    async refresh(registration, signal) {
      const { licenseId } = registration;
      if (licenseId === undefined || registration.kind !== 'application') return askAgainMs.most;
      try {
        const refreshMs = await ask(registration, licenseId, signal);
        failures.delete(licenseId);
        misses.delete(licenseId);
        changed();
        return refreshMs * (0.9 + 0.2 * host.random.fraction());
      } catch (error) {
        signal?.throwIfAborted();
        const refusal = refusalOf(error);
        const count = (misses.get(licenseId) ?? 0) + 1;
        misses.set(licenseId, count);
        if (refusal === undefined) {
          failures.set(licenseId, (failures.get(licenseId) ?? 0) + 1);
          host.log.warn({ err: error, product: registration.product }, 'No grant could be had.');
        } else {
          failures.delete(licenseId);
          refusals.set(licenseId, refusal);
          host.log.warn(
            { product: registration.product, reason: refusal.reason },
            'The vendor refuses the license.',
          );
        }
        changed();
        return (
          Math.min(askAgainMs.most, askAgainMs.first * 2 ** Math.min(count, 10)) *
          (0.75 + 0.5 * host.random.fraction())
        );
      }
    },
  };
}

/** What the vendor decided against the license; undefined for failures that say nothing about it. */
function refusalOf(error: unknown): LicenseRefusal | undefined {
  if (!(error instanceof RemoteError)) return undefined;
  switch (error.code) {
    case 'license-refused': {
      const state = typeof error.problem.license === 'string' ? error.problem.license : 'revoked';
      return { state, reason: reasonOfRefusal(error) };
    }
    case 'terminal-revoked':
      return { state: 'revoked', reason: reasonOfRefusal(error) };
    case 'not-found':
    case 'terminal-unknown':
      return { state: 'ended', reason: unknownLicense };
    default:
      return undefined;
  }
}

/** The registration was ended, or the vendor lost it; asked each minute, in case that it finds it again. */
const unknownLicense = {
  code: 'license-unknown',
  sentence: 'The vendor has no license of this terminal any more.',
  remedy: 'Register again with `taika agent register`, then consent again: that makes a new registration.',
};
