import { integerSetting, optionalSetting, textSetting } from '@taika/runtime/setting-kinds';
import type { SettingsOf } from '@taika/runtime/settings';

/** How the variables of this program begin. */
export const referencePrefix = 'TAIKA_REFERENCE_';

/** Everything that can be set: by flag, by `TAIKA_REFERENCE_…`, or left at its default. */
export const referenceSettings = {
  dispatchUrl: optionalSetting(
    'Address of the dispatch server. Without it, the one that `TAIKA_HOME` knows.',
  ),
  key: textSetting(
    'File with its private key, as `taika contractor add-reference --generate-key FILE` wrote it.',
    'reference.key',
  ),
  home: textSetting(
    'Folder of what it remembers: the contractor’s key and a log of units.',
    '.taika/reference',
  ),
  cores: integerSetting('Cores to compute on; 0 for all.', 0, { min: 0, max: 1024 }),
  memory: integerSetting('MiB of memory for programs; 0 for half of the machine’s.', 0, {
    min: 0,
    max: 1_048_576,
  }),
} as const;

/** How the variables of a decoy begin. */
export const decoyPrefix = 'TAIKA_DECOY_';

/** As of a reference executor, and how rarely it lies. */
export const decoySettings = {
  ...referenceSettings,
  key: textSetting(
    'File with its private key, as `taika contractor add-decoy --generate-key FILE` wrote it.',
    'decoy.key',
  ),
  home: textSetting('Folder of what it remembers: the contractor’s key and a log of units.', '.taika/decoy'),
  rest: integerSetting(
    'Minutes between two times of work: each lie costs the computation that comes in its place.',
    10,
    { min: 0, max: 10_080 },
  ),
} as const;

/** The values read for a reference executor. */
export type ReferenceSettings = SettingsOf<typeof referenceSettings>;
