/**
 * Named places at which a crash test may kill the process. Off unless the environment says `TAIKA_FAULT=name:count`:
 * then the process kills itself, unhandled and unflushed, the `count`-th time it passes `name` (default: the first).
 */
export function faultPoint(name: string): void {
  if (armed === undefined || armed.name !== name) {
    return;
  }
  armed.remaining -= 1;
  if (armed.remaining === 0) {
    process.kill(process.pid, 'SIGKILL');
  }
}

const armed = readArmed(globalThis.process?.env.TAIKA_FAULT);

function readArmed(text: string | undefined): { readonly name: string; remaining: number } | undefined {
  if (text === undefined || text === '') {
    return undefined;
  }
  const [name = '', count = '1'] = text.split(':');
  return { name, remaining: Number(count) };
}
