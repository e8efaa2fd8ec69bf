import type { RemoteError } from '@taika/http/call';
import type { ReasonText } from '@taika/protocol/schema';

/** Why a server said no: the reason that it gave, else what its error says. */
export function reasonOfRefusal({ code, message, remedy, problem }: RemoteError): ReasonText {
  const given = (problem.reason ?? {}) as Partial<ReasonText>;
  return {
    code: given.code ?? code,
    sentence: given.sentence ?? message,
    remedy: given.remedy ?? remedy,
  };
}
