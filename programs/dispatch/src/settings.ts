import { logLevels } from '@taika/runtime/log';
import {
  choiceSetting,
  integerSetting,
  optionalPatternSetting,
  optionalSetting,
  patternSetting,
  portSetting,
  secretSetting,
  textSetting,
} from '@taika/runtime/setting-kinds';
import type { SettingsOf } from '@taika/runtime/settings';

/** The port of a dispatch server unless it is told another. */
export const defaultPort = 7410;

/** How the variables of this program begin. */
export const dispatchPrefix = 'TAIKA_DISPATCH_';

/** Everything that can be set: by flag, by `TAIKA_DISPATCH_…`, or left at its default. */
export const dispatchSettings = {
  port: portSetting(
    'Where the server listens. When the default is taken, another is used and said.',
    defaultPort,
  ),
  host: textSetting('Address to listen on; `0.0.0.0` for all.', '127.0.0.1'),
  publicUrl: optionalSetting(
    'Address by which terminals reach the server, where a proxy stands in front. Else host and port.',
  ),
  data: textSetting(
    'Directory of blobs, of the operator’s key, and of the embedded database.',
    '.taika/dispatch',
  ),
  databaseUrl: secretSetting(
    'URL of a PostgreSQL database. Without it a PostgreSQL of our own is started in the data directory.',
  ),
  connections: integerSetting('Database connections of one replica, those of the hot path not counted.', 10, {
    min: 2,
    max: 500,
  }),
  replica: integerSetting('Number of this replica; each that runs at the same time has another.', 1, {
    min: 1,
    max: 9_000,
  }),
  name: textSetting('Name of the contractor, as receipts and invoices show it.', 'Taika contractor'),
  currency: textSetting(
    'Currency of rates and invoices (ISO 4217). Chosen once: a book is in one currency.',
    'JPY',
  ),
  jobLimit: integerSetting(
    'The most that a job costs which names no `maxPrice`, tax included, in whole units of the currency. So much is held when it is accepted.',
    10_000,
    { min: 1, max: 1_000_000_000 },
  ),
  blobs: optionalPatternSetting(
    'Object store of blobs, `s3://bucket/prefix`. Keys come from `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or however AWS tools find them. Without it blobs are in the data directory.',
    {
      pattern: /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?$/,
      expected: 's3:// and the name of a bucket',
    },
  ),
  blobsEndpoint: optionalSetting(
    'Address of an object store that speaks the protocol of S3 and is not Amazon’s; terminals must reach it.',
  ),
  blobsRegion: textSetting('Region of the object store.', 'us-east-1'),
  webhooks: choiceSetting(
    'Where customers may be told of ended jobs: `public` is https on the internet, `any` also http and the server’s own network.',
    'public',
    ['public', 'any'],
  ),
  retentionDays: integerSetting(
    'Days after a job’s end that its input, program and results are kept; a customer may have them deleted earlier.',
    30,
    { min: 1, max: 3_650 },
  ),
  rates: choiceSetting(
    'Rate card that a first start publishes: `standard` is realistic, `demo` dear enough that seconds of work show.',
    'standard',
    ['standard', 'demo'],
  ),
  registrationNumber: optionalPatternSetting(
    'Registration number of the contractor as an issuer of qualified invoices in Japan. XML invoices need it.',
    { pattern: /^T\d{13}$/, expected: 'T and 13 digits' },
  ),
  address: optionalSetting('Address of the contractor in one line, as documents show it.'),
  country: patternSetting('Country of the contractor (ISO 3166-1 alpha-2).', 'JP', {
    pattern: /^[A-Z]{2}$/,
    expected: 'two capitals such as JP',
  }),
  logLevel: choiceSetting('How much is logged to standard error.', 'info', logLevels),
} as const;

/** The values read for a dispatch server. */
export type DispatchSettings = SettingsOf<typeof dispatchSettings>;
