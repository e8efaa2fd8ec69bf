import { fuelText, moneyText } from '@taika/cli/amounts';
import { visibleLine } from '@taika/cli/visible-text';
import type { MoneyText } from '@taika/protocol/schema';
import { Presets, SingleBar } from 'cli-progress';
import { createPaceMeter, paceText } from './pace.ts';

/** What is shown of a running job. */
export interface ProgressState {
  readonly done: number;
  readonly total: number | undefined;
  readonly fuel: bigint;
  readonly note: string;
  /** So far, before tax. */
  readonly price?: MoneyText;
}

/** What a running job shows: a bar where a person watches, a line now and then in a log, nothing when asked. */
export interface ProgressView {
  show(state: ProgressState): void;
  /** What the customer can do about what is waited for: a line of its own, once until it changes; "" is nothing. */
  advise(remedy: string): void;
  end(): void;
}

export function createProgressView({ quiet }: { readonly quiet: boolean }): ProgressView {
  if (quiet) return { show: () => {}, advise: () => {}, end: () => {} };
  return process.stderr.isTTY ? createBar() : createLines();
}

function createBar(): ProgressView {
  const bar = new SingleBar(
    {
      format: '{bar} {percentage}%  {value}/{total} units  {pace}  {fuel} fuel  {price}  {note}',
      hideCursor: true,
      clearOnComplete: false,
      stream: process.stderr,
    },
    Presets.shades_classic,
  );
  const meter = createPaceMeter();
  let isStarted = false;
  let advised = '';
  return {
    advise(remedy) {
      if (remedy === advised) return;
      advised = remedy;
      if (remedy === '') return;
      // Above the bar, which begins anew below.
      if (isStarted) bar.stop();
      isStarted = false;
      console.error(`What to do: ${remedy}`);
    },
    show({ done, total, fuel, note, price }) {
      const pace = paceText(meter.note(done, total, performance.now()));
      const payload = {
        fuel: fuelText(fuel),
        note: visibleLine(note),
        pace,
        price: price === undefined ? '' : moneyText(price),
      };
      if (!isStarted) bar.start(total ?? 0, done, payload);
      isStarted = true;
      if (total !== undefined) bar.setTotal(total);
      bar.update(done, payload);
    },
    end() {
      if (isStarted) bar.stop();
    },
  };
}

const lineEveryMs = 5000;

function createLines(): ProgressView {
  const meter = createPaceMeter();
  let shownAtMs = Number.NEGATIVE_INFINITY;
  let shownNote = '';
  let advised = '';
  return {
    advise(remedy) {
      if (remedy !== '' && remedy !== advised) console.error(`What to do: ${remedy}`);
      advised = remedy;
    },
    show(state) {
      const nowMs = performance.now();
      const pace = paceText(meter.note(state.done, state.total, nowMs));
      if (state.note === shownNote && nowMs - shownAtMs < lineEveryMs) return;
      shownAtMs = nowMs;
      shownNote = state.note;
      console.error(lineText(state, pace));
    },
    end: () => {},
  };
}

function lineText({ done, total, fuel, note, price }: ProgressState, pace: string): string {
  const parts = [
    `${done}/${total ?? '?'} units`,
    pace,
    `${fuelText(fuel)} fuel`,
    price === undefined ? '' : moneyText(price),
  ];
  return `${parts.filter((part) => part !== '').join(', ')}: ${note}`;
}
