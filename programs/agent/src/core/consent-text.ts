import type { ConsentTextVersion } from '@taika/protocol/consent-texts';
import type { MoneyText } from '@taika/protocol/schema';

/** Changes whenever the text changes in substance; a consent to an older version pauses the agent until it is asked again. */
export const consentTextVersion: ConsentTextVersion = '2026-11';

export type ConsentLocale = 'en' | 'ja';

/** What the text says about this very terminal and product. */
export interface ConsentFacts {
  readonly vendorName: string;
  readonly contractorName: string;
  readonly title: string;
  readonly kind: 'application' | 'service';
  readonly cashPrice: { readonly price: MoneyText; readonly per: 'month' | 'once' };
  readonly cores: number;
  readonly coresOfMachine: number;
  readonly memoryMiB: number;
}

/**
 * An upper estimate for one busy core of a desktop machine, beside what the machine draws anyway. Kilowatt-hours are
 * estimated from it, and said to be an estimate.
 */
export const wattsPerCore = 12;
/** Hours a machine computes in a month when it is on for eight hours a day. */
const hoursPerMonth = 240;

/** The text that the member agrees to: complete, in one language, the same on screen and in the signed record. */
export function consentText(facts: ConsentFacts, locale: ConsentLocale): string {
  return (locale === 'ja' ? japanese : english)(facts).join('\n');
}

/** Kilowatt-hours a month at eight hours a day. */
export function kWhPerMonth(cores: number): number {
  return (cores * wattsPerCore * hoursPerMonth) / 1000;
}

function english(facts: ConsentFacts): string[] {
  const { vendorName, contractorName, title, cores, coresOfMachine, memoryMiB } = facts;
  const per = facts.cashPrice.per === 'month' ? ' a month' : ', once';
  const instead =
    facts.kind === 'application'
      ? `"${title}" for ${money(facts.cashPrice.price)}${per}, without computing`
      : `"${title}" paid wholly in money, without computing`;
  const given =
    facts.kind === 'application'
      ? `"${title}" works while this agent runs and computes; it costs no money.`
      : `points for what is computed, which ${vendorName} takes off the bill for "${title}".`;
  return [
    `Computing for "${title}" (text ${consentTextVersion})`,
    '',
    `Who computes for whom: this machine computes for customers of ${contractorName}, in exchange for a service of ${vendorName}.`,
    'Which work: programs in a sandbox (WebAssembly), such as weather simulations and translations. Each job’s own description is shown while it runs.',
    `How much: up to ${cores} of ${coresOfMachine} cores at the lowest priority, up to ${memoryMiB} MiB of memory, while the agent runs.`,
    `Electricity: at most about ${rounded(kWhPerMonth(cores))} kWh a month at eight hours a day. This is an estimate; you pay it.`,
    'What is never done: no access to your files, camera, microphone or screen; no network for the programs; no mining of crypto-currencies; no traffic of others through your line.',
    `What you get: ${given}`,
    'How to stop: `taika agent pause`, `taika agent stop`, or `taika agent withdraw`, which ends this consent within two seconds and deletes the work data.',
    `Instead: ${instead}. Nothing is lost by saying no.`,
    'What is recorded: this text’s version, your choice and the time, signed by this machine’s key, at the contractor. Your name and contact stay with the vendor.',
  ];
}

function japanese(facts: ConsentFacts): string[] {
  const { vendorName, contractorName, title, cores, coresOfMachine, memoryMiB } = facts;
  const per = facts.cashPrice.per === 'month' ? '（月額）' : '（買い切り）';
  const instead =
    facts.kind === 'application'
      ? `計算せずに「${title}」を ${money(facts.cashPrice.price)}${per}で購入できます`
      : `計算せずに「${title}」の代金を全額お支払いいただけます`;
  const given =
    facts.kind === 'application'
      ? `本エージェントが動作し計算している間、「${title}」を無料で利用できます。`
      : `計算した量に応じてポイントを受け取り、${vendorName} の「${title}」の代金から差し引かれます。`;
  return [
    `「${title}」のための計算について（第 ${consentTextVersion} 版）`,
    '',
    `誰のために：この端末は ${contractorName} の顧客のために計算し、その対価として ${vendorName} のサービスを受けます。`,
    '計算の種類：隔離された環境（WebAssembly）で動くプログラムです。例えば気象シミュレーションや翻訳です。実行中は各業務の説明を表示します。',
    `計算量：エージェントの動作中、最大 ${cores} コア（全 ${coresOfMachine} コア中）を最低の優先度で、メモリは最大 ${memoryMiB} MiB まで使用します。`,
    `電力：1 日 8 時間の場合、月に最大約 ${rounded(kWhPerMonth(cores))} kWh です（推定値）。電気代はご自身の負担となります。`,
    '決して行わないこと：ファイル・カメラ・マイク・画面の利用、プログラムによる通信、暗号資産の採掘、第三者の通信の中継は行いません。',
    `受け取るもの：${given}`,
    '停止方法：`taika agent pause`（一時停止）、`taika agent stop`（停止）、`taika agent withdraw`（同意の撤回。2 秒以内に計算を止め、作業データを削除します）。',
    `代わりの方法：${instead}。断っても不利益はありません。`,
    '記録されるもの：本文の版、選択、日時を、この端末の鍵で署名して請負事業者に記録します。お名前と連絡先は販売業者だけが保管します。',
  ];
}

function rounded(kWh: number): string {
  return kWh < 10 ? kWh.toFixed(1) : String(Math.round(kWh));
}

/** Digits after the point of a currency's price: ISO 4217. */
function money({ currency, amountMilli }: MoneyText): string {
  const digits =
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 0;
  const minor = BigInt(amountMilli) / 1000n;
  const scale = 10n ** BigInt(digits);
  const fraction = digits === 0 ? '' : `.${String(minor % scale).padStart(digits, '0')}`;
  return `${minor / scale}${fraction} ${currency}`;
}
