import type { Bars } from '@breakwater/features';
/** One bar as a row: nanoseconds, open, high, low, close, volume. */
export type BarRow = readonly [bigint, number, number, number, number, number];
/** Bars from rows. */
export declare function barsOf(rows: readonly BarRow[]): Bars;
/** Rows from bars. */
export declare function rowsOf(bars: Bars): BarRow[];
/** The bars for which `keep` holds. */
export declare function filterBars(bars: Bars, keep: (row: BarRow) => boolean): Bars;
/** Nanoseconds of a New York wall time on a trading day, for example at('2024-02-20', '09:30'). */
export declare function at(date: string, time: string): bigint;
/** Mulberry32: numbers in [0, 1) from a 32-bit seed. */
export declare function randomNumbers(seed: number): () => number;
/** What {@link walk} should make. */
export interface WalkOptions {
    readonly dates: readonly string[];
    readonly seed: number;
    /** Share of minutes without a bar. */
    readonly absent?: number;
    /** Minutes of pre-market before 09:30; 0 for none. */
    readonly preMarketMinutes?: number;
    /** Greatest move of the close in a minute, dollars. */
    readonly step?: number;
}
/** A random walk in cents through the regular sessions of `dates`, with pre-market and after-hours bars around them. */
export declare function walk({ dates, seed, absent, preMarketMinutes, step }: WalkOptions): Bars;
//# sourceMappingURL=synthetic-bars.d.ts.map