import { AgentError } from '../core/agent-error.ts';

/** The end of a pause: `15m`, `1h`, `90s`, or `tomorrow` (the next midnight of this machine); undefined for none given. */
export function pauseUntil(text: string | undefined, now: Date): number | undefined {
  if (text === undefined) return undefined;
  if (text === 'tomorrow') return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).getTime();
  const [, count = '', unit = ''] = /^([1-9]\d{0,4})(s|m|h)$/.exec(text) ?? [];
  const unitMs = { s: 1000, m: 60_000, h: 3_600_000 }[unit];
  if (unitMs === undefined) {
    throw new AgentError(
      'misused',
      `"${text}" is no length of a pause.`,
      'Say 15m, 1h or tomorrow, or nothing.',
    );
  }
  return now.getTime() + Number(count) * unitMs;
}
