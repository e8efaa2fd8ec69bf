import { ledgerMigrations } from '@taika/ledger/migrations';

/** The vendor's own migrations. */
export const vendorMigrations = {
  component: 'vendor',
  directory: new URL('../migrations/', import.meta.url),
} as const;

/** Everything that a vendor's database holds, in the order in which it is installed. */
export const allMigrations = [ledgerMigrations, vendorMigrations] as const;
