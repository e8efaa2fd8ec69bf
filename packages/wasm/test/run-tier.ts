/** A child process of the tests, started with V8's flags for one tier: modules in on stdin, results out on stdout. */
import { fuelExport } from '../src/reserved.ts';
import { runInEngine } from './run-in-engine.ts';

let input = '';
for await (const chunk of process.stdin) input += chunk;
console.log(JSON.stringify(runInEngine(JSON.parse(input) as string[], fuelExport)));
