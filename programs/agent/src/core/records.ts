import type { PublicJwk } from '@taika/crypto/keys';
import type { MoneyText } from '@taika/protocol/schema';
import { consentTextVersion } from './consent-text.ts';
import type { Host, StateStore } from './host.ts';

/** One registration at a vendor as the agent remembers it. */
export interface RegistrationRecord {
  readonly registrationId: string;
  readonly vendorUrl: string;
  readonly vendorId: string;
  readonly vendorName: string;
  readonly vendorKey: PublicJwk;
  readonly contractorName: string;
  readonly dispatchUrl: string;
  readonly product: string;
  readonly kind: 'application' | 'service';
  readonly title: string;
  readonly cashPrice: { readonly price: MoneyText; readonly per: 'month' | 'once' };
  readonly member: { readonly name: string; readonly contact: string };
  readonly state: 'requested' | 'registered' | 'issued' | 'acknowledged' | 'ended';
  readonly licenseId?: string;
  /** The activation text. In the agent's own home, which only the member can read. */
  readonly licenseKey?: string;
  readonly consent?: ConsentRecord;
  /** Consents whose withdrawal the dispatch server has not confirmed yet. */
  readonly withdrawals?: readonly string[];
}

export interface ConsentRecord {
  readonly consentId: string;
  readonly textVersion: string;
  readonly locale: 'en' | 'ja';
  readonly limits: { readonly cores: number; readonly memoryMiB: number };
  /** The signed record, sent to the dispatch server. */
  readonly token: string;
  readonly at: string;
  /** Absent until the dispatch server has it. */
  readonly recordedAt?: string;
}

/** What the member wished last; kept over a restart. */
export interface PauseRecord {
  /** Instant in milliseconds; absent: until the member says otherwise. */
  readonly untilMs?: number;
}

export const recordNames = {
  registrations: 'registrations',
  grants: 'grants',
  pause: 'pause',
  totals: 'totals',
  seen: 'seen',
  contractorKey: 'contractor-key',
} as const;

/** Registrations that have not ended. */
export async function readRegistrations(store: StateStore): Promise<RegistrationRecord[]> {
  const all = (await store.read<RegistrationRecord[]>(recordNames.registrations)) ?? [];
  return all.filter(({ state }) => state !== 'ended');
}

/** Puts a registration in the place of the one with the same id, or adds it. */
export async function writeRegistration(
  { store }: Pick<Host, 'store'>,
  record: RegistrationRecord,
): Promise<void> {
  await store.update<RegistrationRecord[]>(recordNames.registrations, (before = []) => {
    const others = before.filter(({ registrationId }) => registrationId !== record.registrationId);
    return [...others, record];
  });
}

/** Registrations whose consent is in force: to the text as it is now, since an older one said something else. */
export function consentedOf(registrations: readonly RegistrationRecord[]): RegistrationRecord[] {
  return registrations.filter(({ consent }) => consent?.textVersion === consentTextVersion);
}
