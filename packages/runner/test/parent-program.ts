import { openSandbox } from '../src/open-sandbox.ts';
import { echoOrSpin, sandboxOptions, texts } from './programs.ts';

/** An agent in small: it runs one unit that never ends, prints its runner's process id, and waits to be killed. */
const levelMax = Number(process.argv[2]) as 1 | 2 | 3;
const sandbox = await openSandbox(sandboxOptions(echoOrSpin, {}, { levelMax }));
for await (const _ of sandbox.run(texts('a', '!'))) {
  console.log((sandbox as unknown as { pid: number }).pid);
}
