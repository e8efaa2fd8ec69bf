import { readProfile, required } from '@taika/cli/profile-file';
import { connectGrid, type Grid } from '../sdk/grid.ts';

/** A server that is restarted, or moved to another machine, is back by then. */
const patienceMs = 45_000;

/** The grid that the profile names. Throws `CommandError` that says how to log in where it names none. */
export async function connect(): Promise<Grid> {
  const profile = await readProfile();
  const remedy =
    'Log in with `taika login --url URL`, or set TAIKA_HOME to the folder of a running `taika up`.';
  return connectGrid({
    dispatchUrl: required(profile, 'dispatchUrl', remedy),
    customerKey: required(profile, 'customerKey', remedy),
    patienceMs,
  });
}
