/**
 * What `taika up`, `taika login` and `taika contractor` leave for other commands, as JSON in
 * `$TAIKA_HOME/profile.json` (0600, TAIKA_HOME defaults to `.taika` in the present folder).
 */
export interface Profile {
  readonly dispatchUrl?: string;
  readonly vendorUrl?: string;
  /** File that holds the contractor's operator key. */
  readonly operatorKeyFile?: string;
  /** File that holds the vendor's operator key. */
  readonly vendorOperatorKeyFile?: string;
  /** The customer's API key. */
  readonly customerKey?: string;
  /** Homes of agents on this machine; commands for one agent take the first, or `--agent NAME`. */
  readonly agents?: readonly { readonly name: string; readonly home: string }[];
  /** Addresses of the sample application and services, for people. */
  readonly pages?: Readonly<Record<string, string>>;
}

export const profileFileName = 'profile.json';
export const defaultHome = '.taika';
