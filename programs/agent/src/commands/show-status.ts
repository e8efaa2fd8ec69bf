import { pointsText } from '@taika/cli/amounts';
import { say, sayJson } from '@taika/cli/say';
import { alignRows } from '@taika/cli/table';
import { reason } from '@taika/protocol/reasons';
import { consentedOf, type PauseRecord, readRegistrations, recordNames } from '../core/records.ts';
import type { AgentStatus, RegistrationStatus } from '../core/status.ts';
import { registrationStatus } from '../core/view-status.ts';
import { askAgent } from '../node/control.ts';
import { createFileStore } from '../node/file-store.ts';
import type { ChosenHome } from '../node/home.ts';
import { agentVersion } from '../version.ts';
import { translateReason } from './translate-reason.ts';

/** What is known of an agent that does not run. */
type AtRest = Pick<AgentStatus, 'version' | 'reason' | 'registrations' | 'home'> & {
  readonly state: 'not-running';
};

/** `taika agent status`. */
export async function runStatus(
  { home, profile }: ChosenHome,
  { json = false, locale = 'en' }: { readonly json?: boolean; readonly locale?: 'en' | 'ja' },
): Promise<void> {
  const reply = await askAgent(home, { verb: 'status' });
  const status = reply === undefined ? await atRest(home) : (reply.result as AgentStatus);
  if (json) return sayJson(status);
  if (profile !== undefined && profile.names.length > 1) {
    say(`Agent ${profile.name}, one of ${profile.names.join(', ')}; --agent NAME shows another.`);
  }
  const { sentence, remedy } = translateReason(status.reason, locale);
  say(`${status.state}: ${sentence}`);
  if (remedy !== 'Nothing to do.') say(`  ${remedy}`);
  if (status.state !== 'not-running') sayRunning(status as AgentStatus);
  for (const registration of status.registrations) sayRegistration(registration, locale);
}

function sayRunning(status: AgentStatus): void {
  const { cores, memoryMiB, busyCores, units, points, kWhToday, runs, applications, pausedUntil } = status;
  const level = status.isolationLevel === undefined ? 'no unit yet' : `level ${status.isolationLevel} of 3`;
  say(
    alignRows([
      ...(pausedUntil === undefined ? [] : [['Paused until', new Date(pausedUntil).toLocaleString()]]),
      [
        'Computing',
        `${busyCores.toFixed(2)} of at most ${cores} cores, ${memoryMiB} MiB; about ${kWhToday} kWh today (estimate)`,
      ],
      [
        'Units',
        `${units.computed} computed, ${units.accepted} accepted, ${units.late} late, ${units.returned} returned`,
      ],
      ...(points === undefined
        ? []
        : [
            [
              'Points',
              `${pointsText(points.pendingMilli)} pending, ${pointsText(points.availableMilli)} final and free, ${pointsText(points.heldMilli)} held, ${pointsText(points.spentMilli)} spent, ${pointsText(points.evidenceMilli ?? '0')} for licenses`,
            ],
          ]),
      ['Sandbox', level],
      ...applications.map(({ name, build, isLeased }) => [
        'Application',
        `${name} ${build}, ${isLeased ? 'licensed' : 'not licensed'}`,
      ]),
    ]),
  );
  for (const run of runs) say(`  ${run.unitsEnded}/${run.units} units of "${run.description}"`);
}

function sayRegistration(
  { title, vendor, kind, license, hasConsent, licenseKeyHint }: RegistrationStatus,
  locale: 'en' | 'ja',
): void {
  say();
  say(
    `${title} (${kind}) from ${vendor}${licenseKeyHint === undefined ? '' : `, license key ending in ${licenseKeyHint}`}`,
  );
  if (!hasConsent) say('  No consent: `taika agent consent`.');
  if (kind === 'service') return;
  const left =
    license.leftMs === undefined
      ? ''
      : `, ${Math.ceil(license.leftMs / 60_000)} min left without another word from the vendor`;
  say(`  License: ${license.state}${left}`);
  if (license.reason === undefined) return;
  const { sentence, remedy } = translateReason(license.reason, locale);
  say(`  ${sentence}${locale === 'ja' ? '' : ' '}${remedy}`);
}

async function atRest(home: string): Promise<AtRest> {
  const store = createFileStore(home);
  const registrations = await readRegistrations(store);
  const pause = await store.read<PauseRecord>(recordNames.pause);
  const isConsented = consentedOf(registrations).length > 0;
  const why =
    registrations.length === 0
      ? {
          code: 'unregistered',
          sentence: 'This agent is not registered anywhere.',
          remedy: 'Register first: `taika agent register`.',
        }
      : !isConsented
        ? reason('no-consent')
        : {
            code: 'not-running',
            sentence: `The agent is not running.${pause === undefined ? '' : ' Its next start is paused.'}`,
            remedy: 'Start it with `taika agent run`.',
          };
  return {
    version: agentVersion,
    state: 'not-running',
    reason: why,
    home,
    registrations: registrations.map((each) => registrationStatus(each, undefined, new Date())),
  };
}

/** `taika agent key`: step 509, the license key on the screen. */
export async function runKey(
  home: string,
  { product, json = false }: { readonly product?: string; readonly json?: boolean },
): Promise<void> {
  const all = await readRegistrations(createFileStore(home));
  const keys = all.filter(
    (each) => each.licenseKey !== undefined && (product === undefined || each.product === product),
  );
  if (json)
    return sayJson(keys.map(({ product: name, kind, licenseKey }) => ({ product: name, kind, licenseKey })));
  if (keys.length === 0) return say('There is no license key yet: `taika agent register`.');
  say(alignRows(keys.map(({ title, licenseKey = '' }) => [title, licenseKey])));
}
