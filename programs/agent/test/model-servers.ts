import type { GrantClaims } from '@taika/protocol/tokens';

/** What the dispatch server thinks of the terminal, apart from when it was seen: set by a test. */
export type Opinion = 'computing' | 'idle-no-work' | 'not-computing' | 'suspended' | 'readmitted' | 'revoked';

export type VendorAnswer =
  | { readonly kind: 'granted'; readonly claims: GrantClaims }
  | { readonly kind: 'refused'; readonly state: string; readonly code: string }
  | { readonly kind: 'unreachable' };

/**
 * Vendor and dispatch server, by the rules of docs/LICENSE-PROTOCOL.md and no other program's code: a test of one company's
 * program may not lean on the other's. Both have good clocks.
 */
export interface ModelServers {
  isVendorReachable: boolean;
  isDispatchReachable: boolean;
  opinion: Opinion;
  /** The terminal calls the dispatch server; false where it does not get through. */
  call(nowMs: number, says: { readonly hasConsent: boolean }): boolean;
  requestGrant(nowMs: number): VendorAnswer;
  /** What the servers confirmed last: until when the license may go on without another word from them. */
  readonly confirmed: { readonly atMs: number; readonly endsAtMs: number };
}

const minute = 60_000;
const hour = 60 * minute;
/** Durations as the protocol's page has them. */
const times = {
  absentAfter: 5 * minute,
  grant: hour,
  outage: 8 * hour,
  budget: 72 * hour,
  window: 30 * 24 * hour,
} as const;

export function createModelServers(): ModelServers {
  let seen: { readonly atMs: number; readonly hasConsent: boolean } | undefined;
  let isRevoked = false;
  /** Until the contractor let the terminal in again, whatever else it says. */
  let isSuspended = false;
  let confirmed = { atMs: Number.NEGATIVE_INFINITY, endsAtMs: Number.NEGATIVE_INFINITY };
  let grant:
    | { readonly atMs: number; readonly endsAtMs: number; readonly offlineUntilMs: number }
    | undefined;
  let uses: { readonly fromMs: number; readonly toMs: number }[] = [];

  function receipt(nowMs: number): string {
    if (servers.opinion === 'revoked' || servers.opinion === 'suspended') return servers.opinion;
    if (seen?.hasConsent === false) return 'not-computing';
    if (seen === undefined || nowMs - seen.atMs > times.absentAfter) return 'absent';
    return servers.opinion === 'readmitted' ? 'computing' : servers.opinion;
  }

  function sign(nowMs: number): GrantClaims {
    if (grant !== undefined && nowMs > grant.endsAtMs && grant.offlineUntilMs > grant.endsAtMs)
      uses.push({ fromMs: grant.atMs, toMs: Math.min(nowMs, grant.offlineUntilMs) });
    uses = uses.filter(({ toMs }) => toMs > nowMs - times.window);
    const used = uses.reduce(
      (sum, { fromMs, toMs }) => sum + toMs - Math.max(fromMs, nowMs - times.window),
      0,
    );
    const endsAtMs = nowMs + times.grant;
    const allowanceMs = Math.min(times.outage, Math.max(0, times.budget - used));
    grant = { atMs: nowMs, endsAtMs, offlineUntilMs: Math.max(endsAtMs, nowMs + allowanceMs) };
    confirmed = { atMs: nowMs, endsAtMs: grant.offlineUntilMs };
    return {
      license: 'license',
      apps: ['editor'],
      entitlements: [],
      iat: seconds(nowMs),
      exp: seconds(endsAtMs),
      offlineUntil: seconds(grant.offlineUntilMs),
    } as unknown as GrantClaims;
  }

  const servers: ModelServers = {
    isVendorReachable: true,
    isDispatchReachable: true,
    opinion: 'computing',
    get confirmed() {
      return confirmed;
    },
    call(nowMs, { hasConsent }) {
      if (servers.isDispatchReachable) seen = { atMs: nowMs, hasConsent };
      return servers.isDispatchReachable;
    },
    requestGrant(nowMs) {
      if (!servers.isVendorReachable) return { kind: 'unreachable' };
      if (isRevoked) return { kind: 'refused', state: 'revoked', code: 'revoked' };
      if (!servers.isDispatchReachable) return { kind: 'unreachable' };
      const said = receipt(nowMs);
      isRevoked = said === 'revoked';
      if (isRevoked) return { kind: 'refused', state: 'revoked', code: 'revoked' };
      isSuspended = said === 'suspended' || (isSuspended && servers.opinion !== 'readmitted');
      if (isSuspended) return { kind: 'refused', state: 'suspended', code: 'suspended' };
      if (said === 'absent') return { kind: 'refused', state: 'not-computing', code: 'agent-not-seen' };
      if (said === 'not-computing') return { kind: 'refused', state: said, code: said };
      return { kind: 'granted', claims: sign(nowMs) };
    },
  };
  return servers;
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
