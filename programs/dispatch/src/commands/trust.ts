import type { Caller } from '@taika/http/call';
import { readTrustCosts } from '@taika/protocol/dispatch/trust';
import type { Answer } from './contractor.ts';

/** Shows what trust costs now. */
export async function showTrust(server: Caller, { json }: Answer): Promise<void> {
  const costs = await server.call(readTrustCosts);
  if (json) {
    console.log(JSON.stringify({ trust: costs }));
    return;
  }
  const { terminals, finalAfterSeconds } = costs;
  console.log(`${costs.jobs} jobs with a trust level in the last 30 days, ${costs.finalUnits} final units.`);
  console.log(`  executions per final unit   ${costs.executionsPerFinalUnit.toFixed(3)}`);
  console.log(`  by the reference executor   ${(costs.referenceShare * 100).toFixed(2)} %`);
  console.log(
    `  from commit to final        ${
      finalAfterSeconds === undefined
        ? 'nothing is final yet'
        : `${finalAfterSeconds.median.toFixed(1)} s in the middle, ${finalAfterSeconds.p99.toFixed(1)} s for 99 %`
    }`,
  );
  console.log(
    `  checks drawn at random      ${costs.checksDrawn}, of which ${costs.checksFailed} found a wrong result`,
  );
  console.log(`  handed in wrong, at most    ${(costs.wrongShareMax * 100).toFixed(3)} % (95 % confidence)`);
  console.log(`  final and wrong, at most    ${(costs.finalWrongShareMax * 100).toFixed(3)} %`);
  console.log(
    `  terminals                   ${terminals.probation} on probation, ${terminals.trusted} trusted, ${terminals.revoked} revoked`,
  );
  for (const { jobId, firstUnit, units, returns, sentence, remedy } of costs.referenceCannot) {
    console.log(
      `  held up: ${jobId}, ${units} units from ${firstUnit} on; the reference executor could not compute them ${returns} times.`,
    );
    console.log(`    ${sentence} ${remedy}`);
  }
}
