import type { SqlOrTransaction } from '@taika/database/connect';
import type { LevelFactors } from '@taika/protocol/trust-prices';

/** A row of `rate_card`: what work costs and earns, for each `perFuel` of fuel. */
export interface RateCardRow {
  readonly version: number;
  readonly perFuel: bigint;
  readonly currency: string;
  /** Before tax, in thousandths of the smallest coin. */
  readonly priceMilli: bigint;
  readonly pointsMilli: bigint;
  readonly taxBasisPoints: number;
  readonly referenceFuelPerSecond: bigint;
  /** What each trust level costs; null: all the same. */
  readonly levelFactors: LevelFactors | null;
  readonly publishedAt: Date;
}

/** The rate card that new jobs are submitted under. The first start publishes one, so there always is one. */
export async function readCurrentRateCard(sql: SqlOrTransaction): Promise<RateCardRow> {
  const [row] = await sql<RateCardRow[]>`
    select version, per_fuel, currency, price_milli, points_milli, tax_basis_points, reference_fuel_per_second,
           level_factors, published_at
    from rate_card
    order by version desc
    limit 1
  `;
  if (row === undefined) {
    throw new Error('No rate card is published.');
  }
  return row;
}

/** A published version. */
export async function findRateCard(sql: SqlOrTransaction, version: number): Promise<RateCardRow | undefined> {
  const [row] = await sql<RateCardRow[]>`
    select version, per_fuel, currency, price_milli, points_milli, tax_basis_points, reference_fuel_per_second,
           level_factors, published_at
    from rate_card
    where version = ${version}
  `;
  return row;
}

/** Publishes a version if it is the next one; zero rows mean that it is not. */
export async function insertNextRateCard(sql: SqlOrTransaction, card: RateCardRow): Promise<boolean> {
  const rows = await sql`
    insert into rate_card
      (version, per_fuel, currency, price_milli, points_milli, tax_basis_points, reference_fuel_per_second,
       level_factors, published_at)
    select ${card.version}::int, ${card.perFuel}::bigint, ${card.currency}::text, ${card.priceMilli}::bigint,
           ${card.pointsMilli}::bigint, ${card.taxBasisPoints}::int, ${card.referenceFuelPerSecond}::bigint,
           ${card.levelFactors === null ? null : sql.json(card.levelFactors)}::jsonb, ${card.publishedAt}::timestamptz
    where ${card.version}::int = coalesce((select max(version) from rate_card), 0) + 1
    on conflict (version) do nothing
    returning version
  `;
  return rows.length > 0;
}
