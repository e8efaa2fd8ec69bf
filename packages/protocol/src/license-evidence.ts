import { type Static, Type } from 'typebox';
import { IdSchema, Month, PointsMilli, type RegistrationId } from './schema.ts';

/** Hours of the longest month: one bit each, from the left, in hexadecimal digits. */
export const hoursOfMonth = 744;
const digits = hoursOfMonth / 4;

export const HoursOfMonth = Type.String({
  pattern: `^[0-9a-f]{${digits}}$`,
  description: `the ${hoursOfMonth} hours of a month in UTC from its first on, one bit each from the left, in hexadecimal`,
});

/**
 * What a license fee by the month rests on. Both companies keep it and compare it by the SHA-256 of its canonical JSON
 * (RFC 8785): hours and points are small, and say the same to both.
 */
export const LicenseEvidence = Type.Object({
  registrationId: IdSchema<RegistrationId>('registration'),
  product: Type.String(),
  month: Month,
  /** Hours in which a grant was given on a receipt that told of work. */
  hours: HoursOfMonth,
  /** Points pending and final that the terminal's work of the month made for the license. */
  pointsMilli: PointsMilli,
});
export type LicenseEvidenceText = Static<typeof LicenseEvidence>;

/** The hour of its month in which an instant lies, from 0. */
export function hourOfMonth(at: Date): number {
  return (at.getUTCDate() - 1) * 24 + at.getUTCHours();
}

/** How many hours are marked. */
export function countHours(hours: string): number {
  return [...toBits(hours)].filter((bit) => bit === '1').length;
}

/** Hours that are marked in both. */
export function commonHours(one: string, other: string): string {
  return [...one].map((digit, index) => (parse(digit) & parse(other.charAt(index))).toString(16)).join('');
}

/** Hours as a text of zeros and ones, as databases have them, and back. */
export function toBits(hours: string): string {
  return [...hours].map((digit) => parse(digit).toString(2).padStart(4, '0')).join('');
}

/** The reverse of `toBits`. */
export function fromBits(bits: string): string {
  return (bits.match(/.{4}/g) ?? []).map((four) => Number.parseInt(four, 2).toString(16)).join('');
}

/** No hour at all. */
export const noHours = '0'.repeat(digits);

function parse(digit: string): number {
  return Number.parseInt(digit, 16);
}
