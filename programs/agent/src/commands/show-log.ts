import { say, sayJson } from '@taika/cli/say';
import { type LoggedRun, readRuns } from '../core/unit-log.ts';
import { createFileStore } from '../node/file-store.ts';

/** `taika agent log`: every unit of every run, oldest first; `--json` exports it as one object a line. */
export async function runLog(
  home: string,
  { last, json = false }: { readonly last?: number; readonly json?: boolean },
): Promise<void> {
  const kept: LoggedRun[] = [];
  for await (const run of readRuns(createFileStore(home))) {
    if (last === undefined) show(run, json);
    else {
      kept.push(run);
      if (kept.length > last) kept.shift();
    }
  }
  for (const run of kept) show(run, json);
}

function show(run: LoggedRun, json: boolean): void {
  if (json) sayJson(run);
  else showForPeople(run);
}

function showForPeople(run: LoggedRun): void {
  const { at, description, programHash, firstUnit, units, verdict, returned, detail } = run;
  const back = returned === undefined ? '' : `, ${returned.units} returned (${returned.cause})`;
  say(
    `${at}  ${units.length} units ${verdict}${detail === undefined ? '' : ` (${detail})`}${back}  "${description}"  program ${programHash.slice(0, 12)}`,
  );
  for (const [index, { ms, bytesIn, bytesOut, fuel, exitCode, trap }] of units.entries()) {
    const end =
      exitCode === undefined ? (trap === undefined ? '' : `, trap ${trap}`) : `, exit code ${exitCode}`;
    say(
      `    unit ${firstUnit + index}: ${ms} ms, ${bytesIn} bytes in, ${bytesOut} bytes out, ${fuel} fuel${end}`,
    );
  }
}
