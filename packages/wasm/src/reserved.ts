/** Exports whose names begin so belong to the platform; a customer's module that has one is refused. */
export const reservedPrefix = '__taika_';

/**
 * The export of the fuel counter in every rewritten program: a mutable i64 global that starts at what making
 * the instance costs. The host reads it when the unit has ended, and adds the fuel of WASI calls.
 */
export const fuelExport = '__taika_fuel';

/** What a command must export: its entry point, of type `() -> ()`. */
export const startExport = '_start';

/** What a command must export: its linear memory, through which WASI calls pass bytes. */
export const memoryExport = 'memory';

/**
 * What the rewritten `memory.grow` leaves in the fuel counter before it stops the program because the machine, not the
 * job, had no memory left: such a unit is returned and never a result. As a count it would be out of reach.
 */
export const growRefusedMark = -1n;
