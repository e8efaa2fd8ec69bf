/**
 * Sizes and durations as people write them. A size is a whole number with B, KiB, MiB or GiB, or the decimal
 * kB, MB, GB; a duration a whole number with ms, s, m or h.
 */
const sizes: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};
const durations: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

export const sizePattern = '^[0-9]{1,9} ?(B|kB|MB|GB|KiB|MiB|GiB)$';
export const durationPattern = '^[0-9]{1,9} ?(ms|s|m|h)$';

/** Bytes of `256MiB`; undefined for text that is not a size. */
export function parseSize(text: string): number | undefined {
  return parseQuantity(text, sizePattern, sizes);
}

/** Milliseconds of `10m`; undefined for text that is not a duration. */
export function parseDuration(text: string): number | undefined {
  return parseQuantity(text, durationPattern, durations);
}

function parseQuantity(
  text: string,
  pattern: string,
  units: Readonly<Record<string, number>>,
): number | undefined {
  if (!new RegExp(pattern).test(text)) return undefined;
  const [, number = '', unit = ''] = /^(\d+) ?(\w+)$/.exec(text) ?? [];
  const scale = units[unit];
  return scale === undefined ? undefined : Number(number) * scale;
}
