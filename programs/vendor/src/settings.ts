import { logLevels } from '@taika/runtime/log';
import {
  choiceSetting,
  durationSetting,
  integerSetting,
  optionalIdSetting,
  optionalPatternSetting,
  optionalSetting,
  patternSetting,
  portSetting,
  secretSetting,
  textSetting,
} from '@taika/runtime/setting-kinds';
import type { SettingsOf } from '@taika/runtime/settings';

/** The port of a vendor server unless it is told another. */
export const defaultPort = 7420;

/** How the variables of this program begin. */
export const vendorPrefix = 'TAIKA_VENDOR_';

/** Everything that can be set: by flag, by `TAIKA_VENDOR_…`, or left at its default. */
export const vendorSettings = {
  port: portSetting(
    'Where the server listens. When the default is taken, another is used and said.',
    defaultPort,
  ),
  host: textSetting('Address to listen on; `0.0.0.0` for all.', '127.0.0.1'),
  publicUrl: optionalSetting(
    'Address by which members reach the server, where a proxy stands in front. Else host and port.',
  ),
  dispatchUrl: textSetting('Address of the contractor’s dispatch server.', 'http://127.0.0.1:7410'),
  data: textSetting(
    'Directory of releases, of the vendor’s identity and operator key, and of the embedded database.',
    '.taika/vendor',
  ),
  databaseUrl: secretSetting(
    'URL of a PostgreSQL database. Without it a PostgreSQL of our own is started in the data directory.',
  ),
  connections: integerSetting('Database connections of one replica.', 10, { min: 2, max: 500 }),
  id: optionalIdSetting(
    'Id under which the contractor enrolled this vendor, where it gave one. Else the one that the first start made.',
  ),
  name: textSetting('Name of the vendor, as members see it.', 'Taika vendor'),
  orderValid: durationSetting(
    'How long a checkout waits for the member’s confirmation; never longer than the contractor holds the points.',
    '15m',
  ),
  usageBillValid: durationSetting(
    'How long a period’s bill waits for the member’s confirmation before it is charged in money.',
    '14d',
  ),
  claimReview: durationSetting(
    'How long the operator may look at a self-billed claim before lines that agree with the book are confirmed.',
    '1d',
  ),
  registrationNumber: optionalPatternSetting(
    'Registration number of the vendor as an issuer of qualified invoices in Japan. XML invoices need it.',
    { pattern: /^T\d{13}$/, expected: 'T and 13 digits' },
  ),
  address: optionalSetting('Address of the vendor in one line, as documents show it.'),
  country: patternSetting('Country of the vendor (ISO 3166-1 alpha-2).', 'JP', {
    pattern: /^[A-Z]{2}$/,
    expected: 'two capitals such as JP',
  }),
  logLevel: choiceSetting('How much is logged to standard error.', 'info', logLevels),
} as const;

/** The values read for a vendor server. */
export type VendorSettings = SettingsOf<typeof vendorSettings>;
