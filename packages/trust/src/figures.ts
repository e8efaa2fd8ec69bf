/**
 * The figures of the trust algorithm that are not a customer's choice. Each was chosen by simulation; docs/TRUST.md
 * shows what they give.
 */

/** K: checked results after which a newcomer is trusted. An always-liar does not pass one; fewer invite new identities. */
export const probationResults = 20;

/** A: audits that a terminal must pass after a result before it is final. (1 − q)/q lies are open until the first is drawn; a hundred passes leave 2.7e-5 of (1 − q)^100. */
export const auditsBeforeFinal = 100;

/** c in max(q, c/(passed + 1)): a terminal just trusted is looked at twice as often as later, until 49 audits passed. */
export const youngAuditWeight = 5;

/** TRUSTED terminals from which on newcomers are checked by terminals and not by the reference, and shares are capped. */
export const establishedPool = 40;

/** Per cent of a job's runs that terminals on PROBATION may compute once the pool is established. */
export const newcomerPercentMax = 20;

/** Per cent of a job's runs that one member's terminals may compute once the pool is established. */
export const memberPercentMax = 10;

/** A terminal that was away longer may be another machine with the same key: it starts probation again. */
export const idleDurationMsMax = 30 * 24 * 3_600_000;

/** Members that return one unit for the same cause before it is the unit's own fault. Two could share a weak machine's make. */
export const returnsBeforeFailed = 3;

/** Fuel outside a fifth to five times of the program's median for this input size forces an audit. */
export const oddFuelFactor = 5n;

/** Checked results of a revoked terminal that its single fault must stand against to look like hardware. */
export const cleanResultsOfHardware = 200;
