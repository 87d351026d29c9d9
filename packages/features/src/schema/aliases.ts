/** Short feature names, each with the column that it means. */
export const FEATURE_ALIASES: ReadonlyMap<string, string> = new Map([
  ['sma_200_distance', 'dist_to_sma_200'],
  ['sma_400_distance', 'dist_to_sma_400'],
  ['sma_slope_short', 'sma_200_slope_5bar'],
  ['confluence_score', 'confluence_weighted_score'],
])
