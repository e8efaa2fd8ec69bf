import { availableParallelism } from 'node:os';
import { updateProfile } from '@taika/cli/profile-file';
import { startApplication } from './application.ts';
import { type Companies, startCompanies } from './companies.ts';
import { diskFull } from './disk-full.ts';
import { prepareHome } from './home-folder.ts';
import { lockHome } from './home-lock.ts';
import { type Layout, layoutOf } from './layout.ts';
import { agentStatus, joinAlso, joinMember, type Member, startAgent } from './member.ts';
import { offerProducts } from './products.ts';
import { startReference } from './reference.ts';
import { startServicePages } from './service-pages.ts';
import { pointsOf, settle, showSettlement } from './settlement.ts';
import { shellWord } from './shell-word.ts';
import { type StopSignal, stopSignal } from './stop-signal.ts';
import { createStory, type Story } from './story.ts';
import { createTimings } from './timings.ts';
import { runWeatherJob, showForecast } from './weather-job.ts';

export interface UpOptions {
  readonly data: string;
  readonly once: boolean;
  readonly json: boolean;
}

/** Aiko computes for an application, Ben for a shop: the first and the second embodiment. */
const aiko = { name: 'Aiko', contact: 'aiko@example.org', product: 'editor' } as const;
const ben = { name: 'Ben', contact: 'ben@example.org', product: 'shop' } as const;

/** Tried first; a port that is taken is replaced, and the story says so. */
const ports = { companies: { dispatch: 7410, vendor: 7420 }, pages: { shop: 7430, lookup: 7440 } } as const;

/**
 * Starts everything, walks both embodiments visibly, runs one real job, shows what everybody got, and stays up
 * until Ctrl-C. Everything is kept under `data`; a second start goes on where the first one was.
 */
export async function up(options: UpOptions): Promise<void> {
  const layout = layoutOf(options.data);
  try {
    await prepareHome(layout);
    await using _lock = await lockHome(layout);
    await runUntilStopped(layout, options);
  } catch (error) {
    throw diskFull(error, layout.home) ?? error;
  }
}

async function runUntilStopped(layout: Layout, options: UpOptions): Promise<void> {
  const story = createStory(options.json ? process.stderr : process.stdout);
  const stop = stopSignal();
  // Whatever was started is stopped again in order, also when the wish to stop comes in the middle of the story.
  await using stack = new AsyncDisposableStack();
  try {
    const economy = runEconomy(stack, layout, story, options, stop);
    await Promise.race([economy, stop.asked]);
    if (stop.signal.aborted) {
      story.heading(`Stopping. Everything is kept in ${layout.home}; start again to go on.`);
      await stack.disposeAsync();
      // What was being started meanwhile is stopped by the economy itself, which then ends with the signal's reason.
      await economy.catch(() => {});
      if (options.once) tellInterrupted(options, layout);
    }
  } finally {
    stop.release();
  }
}

/** Who waited for the end of the job must not take an interruption for it. */
function tellInterrupted({ json }: UpOptions, { home }: Layout): void {
  process.exitCode = 130;
  if (!json) return;
  const remedy = `Start again to go on; everything is kept in ${home}.`;
  console.error(JSON.stringify({ error: { code: 'interrupted', sentence: 'It was interrupted.', remedy } }));
}

async function runEconomy(
  stack: AsyncDisposableStack,
  layout: Layout,
  story: Story,
  options: UpOptions,
  stop: StopSignal,
): Promise<void> {
  const timings = createTimings();
  const own = async <T extends AsyncDisposable>(starting: Promise<T>): Promise<T> => {
    const started = await starting;
    if (stop.signal.aborted) await started[Symbol.asyncDispose]();
    stop.signal.throwIfAborted();
    return stack.use(started);
  };
  story.heading(`Taika: software paid for in idle computing. Everything is kept in ${layout.home}`);
  const companies = await own(startCompanies(layout, ports.companies, story));
  await own(startReference(companies, layout, story));
  await offerProducts(companies, layout, story);
  timings.mark('companies');

  // Half of the machine each: this demonstration has no other guest on it.
  const cores = Math.max(1, Math.floor(availableParallelism() / 2));
  story.heading('First embodiment: an application for computing (figures 1 and 2)');
  const members: Member[] = [await joinMember({ ...aiko, cores }, companies, layout, story)];
  story.heading('Second embodiment: a service for computing (figures 4 and 5)');
  const second = await joinMember({ ...ben, cores }, companies, layout, story);
  members.push(second);
  await joinAlso(second, 'lookup', cores, companies, story);
  const sayRestart = (name: string) => story.step('', `The ${name} ended by itself and was started again.`);
  for (const member of members) {
    if ((await agentStatus(member)).state !== 'not-running') {
      story.step(
        '',
        `The agent of ${member.name} runs already: somebody started it, and it goes on as it is.`,
      );
      continue;
    }
    await own(startAgent(member, layout, cores, sayRestart));
    story.step(
      '',
      `The agent of ${member.name} runs in the background, at the lowest priority, on ${cores} of ${availableParallelism()} cores.`,
    );
  }
  await leaveProfile(companies, members, layout);
  timings.mark('members');

  const pointsBefore = await pointsOf(members);
  story.heading('A customer’s job (figure 3)');
  const weather = await runWeatherJob(companies, layout, story, stop.signal);
  timings.mark('job');
  await showForecast(weather, story);

  story.heading('Who gets what');
  const settlement = await settle(companies, weather, members, pointsBefore, stop.signal);
  timings.mark('settlement');
  showSettlement(settlement, story);

  if (options.json) {
    const { license, points, invoice, claims } = settlement;
    const { job, resultFile, summaryFile } = weather;
    const told = {
      job: { ...job, resultFile, summaryFile },
      license,
      points,
      invoices: { customer: invoice, vendorClaims: claims },
      timings: timings.all(),
    };
    console.log(JSON.stringify(told));
  }
  if (options.once) return;
  const pages = await own(startServicePages(ports.pages, companies, layout, story));
  const application = await own(startApplication(applicationOf(members), layout, sayRestart));
  const addresses = { editor: application.url, ...pages.urls };
  await leaveProfile(companies, members, layout, addresses);
  showAddresses(companies, addresses, layout, story);
  await stop.asked;
}

/** Other commands find everything through `TAIKA_HOME`. */
async function leaveProfile(
  companies: Companies,
  members: readonly Member[],
  layout: Layout,
  pages?: Readonly<Record<string, string>>,
): Promise<void> {
  await updateProfile(layout.home, (profile) => ({
    ...profile,
    dispatchUrl: companies.dispatchUrl,
    vendorUrl: companies.vendorUrl,
    operatorKeyFile: companies.operatorKeyFile,
    vendorOperatorKeyFile: companies.vendorOperatorKeyFile,
    customerKey: companies.customerKey,
    agents: members.map(({ name, agentHome }) => ({ name, home: agentHome })),
    ...(pages === undefined ? {} : { pages }),
  }));
}

function applicationOf(members: readonly Member[]): Member & { readonly applicationFile: string } {
  for (const member of members) {
    if (member.applicationFile !== undefined) return { ...member, applicationFile: member.applicationFile };
  }
  throw new Error('One of the members computes for an application.');
}

function showAddresses(
  companies: Companies,
  pages: Readonly<Record<string, string>>,
  layout: Layout,
  story: Story,
): void {
  story.heading('Everything stays up. In a browser:');
  story.show(`${pages.editor}   # Aiko’s editor, licensed while her agent runs`);
  story.show(`${pages.shop}   # the shop; the key: npx taika agent key --agent Ben`);
  story.show(`${pages.lookup}   # the paid database search; the same command shows its key`);
  story.show(`${companies.dispatchUrl}/openapi.json and ${companies.vendorUrl}/openapi.json   # all routes`);
  story.heading('In another terminal:');
  story.show(`export TAIKA_HOME=${shellWord(layout.home)}`);
  story.show('npx taika run examples/weather/job.yaml -o result.csv   # as the customer');
  story.show('npx taika agent status                                  # as the member Aiko (--agent Ben)');
  story.show('npx taika agent stop                                    # and see the editor lock');
  story.show('npx taika contractor books                              # as the contractor');
  story.show('npx taika vendor claims                                 # as the vendor');
  story.heading('Ctrl-C stops everything.');
}
