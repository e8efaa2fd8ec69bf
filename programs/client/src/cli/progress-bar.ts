import { fuelText, moneyText } from '@taika/cli/amounts';
import type { MoneyText } from '@taika/protocol/schema';
import { Presets, SingleBar } from 'cli-progress';

/** What a running job shows: a bar where a person watches, a line now and then in a log, nothing when asked. */
export interface ProgressView {
  show(state: {
    done: number;
    total: number | undefined;
    fuel: bigint;
    note: string;
    price?: MoneyText;
  }): void;
  end(): void;
}

export function createProgressView({ quiet }: { readonly quiet: boolean }): ProgressView {
  if (quiet) return { show: () => {}, end: () => {} };
  return process.stderr.isTTY ? createBar() : createLines();
}

function createBar(): ProgressView {
  const bar = new SingleBar(
    {
      format: '{bar} {percentage}%  {value}/{total} units  {fuel} fuel  {price}  {eta_formatted}  {note}',
      hideCursor: true,
      clearOnComplete: false,
      stream: process.stderr,
      etaBuffer: 50,
    },
    Presets.shades_classic,
  );
  let isStarted = false;
  return {
    show({ done, total, fuel, note, price }) {
      const payload = { fuel: fuelText(fuel), note, price: price === undefined ? '' : moneyText(price) };
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
  let shownAtMs = Number.NEGATIVE_INFINITY;
  let shownNote = '';
  return {
    show({ done, total, fuel, note }) {
      const nowMs = performance.now();
      if (note === shownNote && nowMs - shownAtMs < lineEveryMs) return;
      shownAtMs = nowMs;
      shownNote = note;
      console.error(`${done}/${total ?? '?'} units, ${fuelText(fuel)} fuel: ${note}`);
    },
    end: () => {},
  };
}
