import { misused } from './read-amounts.ts';

/** Reads a day, yyyy-mm-dd, as a flag or an argument gives it. A day that no calendar has is refused. */
export function readDay(text: string, flag: string): string {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  // The 31st of February is read as the 3rd of March.
  if (day === undefined || Number.isNaN(day.getTime()) || day.toISOString().slice(0, text.length) !== text) {
    throw misused(
      `${flag} is "${text}", which is no day of the calendar.`,
      'Give yyyy-mm-dd, such as 2026-11-30.',
    );
  }
  return text;
}

/** Reads a month, yyyy-mm. */
export function readMonth(text: string, flag: string): string {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) {
    throw misused(`${flag} is "${text}", which is no month.`, 'Give yyyy-mm, such as 2026-11.');
  }
  return text;
}
