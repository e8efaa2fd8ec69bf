/** The dispatch server's migrations. The ledger's come before them. */
export const dispatchMigrations = {
  component: 'dispatch',
  directory: new URL('../migrations/', import.meta.url),
} as const;
