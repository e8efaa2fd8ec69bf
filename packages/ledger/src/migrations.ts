/** The ledger's migrations for `migrate` and `createTestDatabase`: every server installs them in its own database. */
export const ledgerMigrations = {
  component: 'ledger',
  directory: new URL('../migrations/', import.meta.url),
} as const;
