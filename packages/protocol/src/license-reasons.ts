import type { ReasonText } from './schema.ts';

/** Why a license is not valid, or a terminal gets no work. An agent has them in Japanese too. */
const texts = {
  'not-computing': {
    sentence: 'Computing is switched off on this terminal, and the license is its consideration.',
    remedy: 'Run `taika agent resume`, or buy the application for money.',
  },
  'agent-not-seen': {
    sentence: 'The dispatch server has not heard from this terminal lately.',
    remedy:
      'Let the agent run; it asks again by itself. Check `taika agent status` and the network if this lasts.',
  },
  suspended: {
    sentence:
      'The contractor found a wrong result of a terminal of this license and took its right to compute, so the license rests while the terminal’s other results are computed again.',
    remedy:
      'Let the agent run: if the fault looks like the hardware’s, the terminal is let in again, once, and the license is back by itself. Meanwhile the application can be bought for money.',
  },
  revoked: {
    sentence: 'The contractor revoked this terminal for good, so the license is revoked.',
    remedy: 'Ask the contractor why; the application can be bought for money.',
  },
  ended: {
    sentence: 'The registration was ended by the member.',
    remedy: 'Register again with `taika agent register`.',
  },
  'terminal-suspended': {
    sentence:
      'This terminal gets no work for now: one of its results was found wrong, and its other results are being computed again.',
    remedy:
      'Let the agent run: if the fault looks like the hardware’s, the terminal is let in again, once, and computes again by itself. Check the machine’s memory and cooling.',
  },
  'terminal-revoked': { sentence: 'This terminal was revoked.', remedy: 'Ask the contractor why.' },
} as const satisfies Record<string, { readonly sentence: string; readonly remedy: string }>;

export type LicenseReasonCode = keyof typeof texts;

/** The reason of a code, as servers say it. */
export function licenseReason(code: LicenseReasonCode): ReasonText {
  const { sentence, remedy } = texts[code];
  return { code, sentence, remedy };
}
