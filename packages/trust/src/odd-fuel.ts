import { oddFuelFactor } from './figures.ts';

/** True where fuel lies outside a fifth to five times of what the program usually takes for such an input. */
export function isOddFuel(fuel: bigint, typicalFuel: bigint | null): boolean {
  return typicalFuel !== null && (fuel * oddFuelFactor < typicalFuel || fuel > typicalFuel * oddFuelFactor);
}
