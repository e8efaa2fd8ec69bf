import type { LicenseReasonCode } from '@taika/protocol/license-reasons';
import type { ReasonText } from '@taika/protocol/schema';

/** What servers (`@taika/protocol/license-reasons`) and the agent say in English, in Japanese. */
const japanese: Readonly<Record<LicenseReasonCode | 'license-unknown', Omit<ReasonText, 'code'>>> = {
  'license-unknown': {
    sentence: '販売業者にこの端末のライセンスがもうありません。',
    remedy: '`taika agent register` でもう一度登録し、あらためて同意してください。新しい登録になります。',
  },
  'not-computing': {
    sentence: 'この端末では計算が止められています。ライセンスは計算の対価です。',
    remedy: '`taika agent resume` で再開するか、アプリケーションを購入してください。',
  },
  'agent-not-seen': {
    sentence: '集配送サーバにこの端末からの連絡が最近届いていません。',
    remedy:
      'エージェントを動かしておけば自動で問い合わせ直します。続くときは `taika agent status` とネットワークを確かめてください。',
  },
  suspended: {
    sentence:
      'このライセンスの端末の処理結果に誤りが見つかり、請負事業者がその端末の計算を止めました。端末のほかの結果を計算し直している間、ライセンスは休止します。',
    remedy:
      'エージェントは動かしたままにしてください。ハードウェアの故障と見られるときは一度だけ計算が再び認められ、ライセンスは自動で戻ります。その間、アプリケーションを購入することもできます。',
  },
  revoked: {
    sentence: '請負事業者がこの端末を最終的に取り消したため、ライセンスも取り消されました。',
    remedy: '理由は請負事業者にお問い合わせください。アプリケーションを購入することもできます。',
  },
  ended: {
    sentence: '登録は会員によって終了されました。',
    remedy: '`taika agent register` でもう一度登録してください。',
  },
  'terminal-suspended': {
    sentence:
      'この端末には今、仕事が渡されません。処理結果の一つに誤りが見つかり、ほかの結果を計算し直しています。',
    remedy:
      'エージェントは動かしたままにしてください。ハードウェアの故障と見られるときは一度だけ再び認められ、自動で計算を再開します。メモリと冷却を確かめてください。',
  },
  'terminal-revoked': {
    sentence: 'この端末は取り消されました。',
    remedy: '理由は請負事業者にお問い合わせください。',
  },
};

/** A reason in the reader's language; as it came where its code has no translation. */
export function translateReason(reason: ReasonText, language: 'en' | 'ja'): ReasonText {
  if (language === 'en' || !Object.hasOwn(japanese, reason.code)) return reason;
  return { code: reason.code, ...japanese[reason.code as LicenseReasonCode] };
}
