import { PRIMARY_ANCHOR } from '@breakwater/features'

/**
 * Settings of the signals table, as `signals` takes them and `sweep` tries them. A row without `flags` is for sweeps
 * alone; the defaults are those of the signals themselves. `constant` is another name that a sweep's config may use.
 */
export const SIGNAL_OPTIONS = {
  touchBand: {
    flags: '--touch-band <dollars>',
    text: 'a bar touches a level if its range comes within this distance of it',
    takes: 'positive',
    constant: 'TOUCH_BAND',
  },
  monitorBand: {
    flags: '--monitor-band <dollars>',
    text: 'the close of the touch bar must be within this distance of the level',
    takes: 'positive',
    constant: 'MONITOR_BAND',
  },
  confluenceBand: { takes: 'positive', constant: 'CONFLUENCE_BAND' },
  lookback: {
    flags: '--lookback-minutes <n>',
    text: 'window of the approach features',
    takes: 'count',
    constant: 'LOOKBACK_MINUTES',
  },
  lookforward: {
    flags: '--lookforward-minutes <n>',
    text: 'length of the label window',
    takes: 'count',
    constant: 'LOOKFORWARD_MINUTES',
  },
  thresholds: {
    flags: '--thresholds <dollars...>',
    text: 'the two reach thresholds in dollars (default: 1 2)',
    takes: 'pair',
  },
  atrBars: { takes: 'count' },
  slopeMinutes: { takes: 'count' },
  shortSlopeBars: { takes: 'count' },
  volatilityMinutes: { takes: 'count' },
  reversionMinutes: { takes: 'count' },
  warmupSessions: { takes: 'whole' },
  clusterMinutes: { takes: 'count' },
  clusterBand: { takes: 'positive' },
  roundSpacing: { takes: 'count' },
  openingRangeMinutes: { takes: 'count' },
  maxGapMinutes: { takes: 'whole' },
} as const

/**
 * Options of the trees, by their name in the trees package: `train` takes them as flags, `sweep` tries them up to `max`,
 * and `demo` takes `demo` where it is there: enough to find what was planted, and quick.
 */
export const TREE_OPTIONS = {
  rounds: { flags: '--rounds <n>', text: 'maximum number of trees per head', takes: 'count', default: 300, demo: 120 },
  learningRate: {
    flags: '--learning-rate <x>',
    text: 'learning rate: shrinkage of each tree',
    takes: 'positive',
    max: 1,
    default: 0.05,
    demo: 0.08,
  },
  maxDepth: { flags: '--max-depth <n>', text: 'maximum depth of a tree', takes: 'count', default: 6, demo: 4 },
  gradientLevels: {
    flags: '--gradient-levels <n>',
    text: 'round gradients stochastically to n levels, which regularises small data sets; try 4',
    takes: 'levels',
    max: 1024,
  },
  earlyStoppingRounds: {
    flags: '--early-stopping-rounds <n>',
    text: 'stop after n rounds without a lower validation loss',
    takes: 'count',
    default: 30,
    demo: 15,
  },
  seed: { flags: '--seed <n>', text: 'seed of all random choices', takes: 'whole', default: 7 },
} as const

/** Options that several commands take; a command may describe one in other words. */
export const SHARED_OPTIONS = {
  stage: { flags: '--stage <stage>', text: 'feature stage', takes: 'stage', default: 'stage_b' },
  ablation: {
    flags: '--ablation <name>',
    text: 'feature families; "all" trains each',
    takes: 'ablationOrAll',
    default: 'full',
  },
  oneAblation: { flags: '--ablation <name>', text: 'feature families', takes: 'ablation', default: 'full' },
  anchor: {
    flags: '--anchor <name>',
    text: 'anchor of the labels',
    takes: 'anchor',
    default: PRIMARY_ANCHOR as string,
  },
  horizons: {
    flags: '--horizons <seconds...>',
    text: 'horizons of the reach heads',
    takes: 'positives',
  },
  monotone: {
    flags: '--monotone <column=+1...>',
    text: 'let the forecasts of every head only rise (+1) or only fall (-1) as the column rises; repeat for more columns',
    takes: 'directions',
  },
  trainDates: {
    flags: '--train-dates <dates...>',
    text: 'sessions to train on (YYYY-MM-DD, separated by spaces or commas)',
    takes: 'dates',
  },
  valDates: { flags: '--val-dates <dates...>', text: 'sessions that decide the number of trees', takes: 'dates' },
  testDates: { flags: '--test-dates <dates...>', text: 'sessions scored once, after training', takes: 'dates' },
  dataPath: { flags: '--data-path <paths...>', text: 'signals: files, folders or globs', takes: 'texts' },
  modelDir: {
    flags: '--model-dir <folder>',
    text: 'where the bundles are',
    takes: 'text',
    default: 'data/ml/boosted_trees',
  },
  keepVersions: {
    flags: '--keep-versions <n>',
    text: 'number of versions to keep, the new one included',
    takes: 'count',
    default: 3,
  },
  kNeighbors: { flags: '--k-neighbors <n>', text: 'number of neighbours per touch', takes: 'count', default: 50 },
  episodeCap: {
    flags: '--episode-cap <n>',
    text: 'maximum number of neighbours from one touch cluster',
    takes: 'count',
    default: 2,
  },
  timezone: { flags: '--timezone <iana>', text: 'time zone of time stamps without one', takes: 'text' },
  repair: { flags: '--repair', text: 'repair bad bars', takes: 'flag' },
  adjust: {
    flags: '--adjust',
    text: 'convert prices before a split or change of unit to the unit after it',
    takes: 'flag',
  },
  stamps: {
    flags: '--stamps <start|end>',
    text: 'which end of a bar its time stamp marks (default: start)',
    takes: 'stamps',
  },
  priceUnit: {
    flags: '--price-unit <unit>',
    text: 'unit of the prices of the bars (default: dollars)',
    takes: 'priceUnit',
  },
  accept: { flags: '--accept <rules...>', text: 'rules that the bars may break; `check` names them', takes: 'rules' },
  columns: {
    flags: '--columns <names...>',
    text: 'names of the columns of the bars, for example time=when,open=o,volume=-; volume=- leaves out volume and VWAP',
    takes: 'columns',
  },
  device: { flags: '--device <name>', text: 'where to compute', takes: 'device', default: 'cpu' },
  seed: { flags: '--seed <n>', text: 'seed of the bootstrap', takes: 'whole', default: 7 },
  threads: { flags: '--threads <n>', text: 'worker threads (default: all processors)', takes: 'count' },
  tracking: {
    flags: '--tracking <systems>',
    text: 'record the run in mlflow, wandb, both (separated by a comma) or none (default: $BREAKWATER_TRACKING, or both)',
    takes: 'systems',
  },
  trackingDeadline: {
    flags: '--tracking-deadline <seconds>',
    text: 'maximum seconds that a run waits for servers; what is not sent by then is kept for later (default: $BREAKWATER_TRACKING_DEADLINE, or 30)',
    takes: 'seconds',
  },
  schema: {
    flags: '--schema <path>',
    text: 'description of the columns (default: data/features.json if it exists, otherwise the one that is installed)',
    takes: 'text',
  },
  quiet: { flags: '--quiet', text: 'show no progress on stderr', takes: 'flag' },
  json: { flags: '--json', text: 'print the result as JSON on stdout instead of text', takes: 'flag' },
} as const

/** The flags with which another command finds the same folder of sets; '' where that is the default one. */
export const sameFolder = (modelDir: string): string =>
  modelDir === SHARED_OPTIONS.modelDir.default ? '' : `--model-dir ${modelDir}`
