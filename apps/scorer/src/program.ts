import { ABLATIONS, ANCHORS, PRIMARY_ANCHOR } from '@breakwater/features/vocabulary'
import {
  addBusOptions,
  examples,
  numberIn,
  type Program,
  wholeList,
  wholeNumber,
  words,
} from '@breakwater/command-line'
import { DEFAULT_MARGIN } from '@breakwater/monitor'
import { MIX_KINDS, UTILITY_ORDERS } from '@breakwater/viewport'
import { type PayloadVersion, VIEWPORT_VERSION } from '@breakwater/viewport/payload'
import { Command, Option } from 'commander'
import { barOptions } from './commands/bars.ts'
import { payloadVersion } from './commands/flags.ts'
import type { AuditReplayFlags } from './commands/audit-replay.ts'
import type { PromoteFlags, RollbackFlags } from './commands/promote.ts'
import type { ReplayFlags } from './commands/replay.ts'
import type { ServeFlags } from './commands/serve.ts'
import { type Context, processContext, scorerVersion } from './context.ts'

/** A RangeError reports an argument that cannot be used. */
const isUsage = (error: unknown): boolean => error instanceof RangeError

/** The scorer's command line. */
export const scorer: Program = {
  name: 'scorer',
  interrupted: 'no file was left half-written',
  isUsage,
  commands: ['serve', 'replay', 'audit', 'promote', 'rollback', 'schema'],
  create,
}

function create(name: string, _: readonly string[], stop: AbortSignal): Promise<Command> {
  return Promise.resolve(createProgram(processContext(stop), name))
}

function createProgram(context: Context, name: string): Command {
  const program = new Command(name)
    .description('Scores price levels live: whether they break or bounce, how strongly, how soon.')
    .version(scorerVersion())
    .configureOutput({ writeOut: context.out, writeErr: context.err })
    .exitOverride()
    .showHelpAfterError('(add --help for the options and examples)')
  program.addCommand(serveCommand(context))
  program.addCommand(replayCommand(context))
  program.addCommand(auditCommand(context))
  program.addCommand(promoteCommand(context))
  program.addCommand(rollbackCommand(context))
  program.addCommand(schemaCommand(context))
  for (const command of program.commands) command.copyInheritedSettings(program)
  return program
}

function modelOptions(command: Command): Command {
  return command
    .option('--model-dir <folder>', 'folder of the bundles (VIEWPORT_MODEL_DIR; default data/ml/boosted_trees)')
    .option(
      '--retrieval-index <path>',
      'an index, or a folder with those of both stages (VIEWPORT_RETRIEVAL_INDEX; default none)',
    )
    .addOption(
      new Option('--timeframe <name>', `anchor of the heads (VIEWPORT_TIMEFRAME; default ${PRIMARY_ANCHOR})`).choices(
        ANCHORS,
      ),
    )
    .addOption(new Option('--ablation <name>', 'feature families (VIEWPORT_ABLATION; default full)').choices(ABLATIONS))
    .option(
      '--horizons <seconds...>',
      'horizons of the reach heads (VIEWPORT_HORIZONS; default those of the models)',
      wholeList(1),
    )
    .option(
      '--physics <columns...>',
      'physics columns that come with the levels, or all (VIEWPORT_PHYSICS; default none)',
      words,
    )
    .option(
      '--allow-missing <features...>',
      'features that may be missing in every row; physics means all that need an order book (VIEWPORT_ALLOW_MISSING; default none)',
      words,
    )
    .addOption(payloadOption())
    .addOption(
      new Option('--order <name>', 'value that orders targets (VIEWPORT_ORDER; default utility_score)').choices(
        UTILITY_ORDERS,
      ),
    )
    .addOption(
      new Option(
        '--mix <kind>',
        'how neighbours and gate enter direction (VIEWPORT_MIX; default: as the set was trained)',
      ).choices(MIX_KINDS),
    )
    .option(
      '--cost <dollars>',
      'cost in dollars that utility_net deducts (VIEWPORT_COST; default 0.05)',
      numberIn(0, Infinity),
    )
}

const httpOptions = (command: Command): Command =>
  command
    .option('--ui', 'serve the live page at /')
    .option('--http-allow <hosts...>', 'additional host names that requests may use', words)
    .option('--http-host <address>', 'address to listen on; there is no authentication', '127.0.0.1')
    .option(
      '--http-port <port>',
      'port of /healthz, /readyz, /metrics and the page; 0 picks a free one',
      wholeNumber(0),
      8787,
    )

function serveCommand(context: Context): Command {
  const command = new Command('serve')
    .description(
      'Connect to NATS, answer requests with scored payloads, and with --enrich score level payloads as they arrive.',
    )
    .option('--nats <urls...>', 'NATS servers (default: $NATS_URL, or nats://127.0.0.1:4222)', words)
    .option('--subject <subject>', 'subject of requests', 'viewport.score')
    .option('--enrich [subject]', 'read level payloads here and publish them with a viewport (default: levels.raw)')
    .option('--publish <subject>', 'subject that --enrich publishes on', 'levels.signals')
    .option('--stream <name>', 'read the subject of --enrich from this JetStream stream: every message, in order')
    .option('--durable <name>', 'continue --stream where a scorer with this name stopped (default: begin at --from)')
    .option('--from <start>', 'where --stream is read from: new, all, a sequence number or a time (default: new)')
    .option(
      '--max-age-ms <ms>',
      'drop messages whose ts is older; 0 accepts all (default: 2000, with --stream 0)',
      wholeNumber(0),
    )
    .option(
      '--max-ahead-ms <ms>',
      'refuse snapshots whose ts is further ahead of the clock; 0 accepts all',
      wholeNumber(0),
      2000,
    )
    .option(
      '--ready-age-ms <ms>',
      '/readyz is unready when the last scored ts is older; 0 sets no limit',
      wholeNumber(0),
      30_000,
    )
    .option('--bars <paths...>', 'bars from before the first snapshot: CSV or Parquet files, folders or globs')
    .option('--audit <folder>', 'keep every snapshot and payload in Parquet files by session and hour')
    .option(
      '--audit-bytes <n>',
      'maximum size of the audit log in bytes; the oldest files are deleted first',
      wholeNumber(1),
      20 * 2 ** 30,
    )
    .option('--audit-days <n>', 'days to keep files of the audit log', wholeNumber(1), 30)
    .option(
      '--touches <file>',
      'file that keeps the touches added to neighbours, across restarts (VIEWPORT_TOUCHES; default touches.log beside --monitor-state, or in --audit)',
    )
    .option('--no-touches', 'keep these touches only in memory')
    .option(
      '--monitor-state <file>',
      'file that keeps the state of outcomes, alarms and scores; a restart continues from it',
    )
    .option(
      '--challenger <folder>',
      'a second set that scores the same snapshots without publishing; its live gain is measured',
    )
    .option(
      '--challenger-ms <ms>',
      'average time that the challenger may use per tick; ticks that would be late are dropped',
      wholeNumber(1),
      2,
    )
    .option(
      '--reload-seconds <s>',
      'seconds between checks for new models; 0 reloads only on SIGHUP',
      wholeNumber(0),
      5,
    )
  return httpOptions(modelOptions(barOptions(addBusOptions(command))))
    .addHelpText(
      'after',
      examples(
        'VIEWPORT_SCORING_ENABLED=true scorer serve --physics all --retrieval-index data/ml',
        'VIEWPORT_SCORING_ENABLED=true scorer serve --enrich --ui --bars history.parquet --allow-missing physics',
        'VIEWPORT_SCORING_ENABLED=true scorer serve --enrich --stream LEVELS --durable scorer --from all --allow-missing physics',
        'nats request viewport.score \'{"ts":1767364200250,"spy":{"spot":687.1},"levels":[]}\'',
      ),
    )
    .action(async (options: ServeFlags) => (await import('./commands/serve.ts')).runServe(context, options))
}

function replayCommand(context: Context): Command {
  const command = new Command('replay')
    .description(
      'Score recorded sessions tick by tick, with snapshots as a Core Service would take them, without a bus.',
    )
    .requiredOption('--bars <paths...>', 'CSV or Parquet files, folders or globs of one-minute bars')
    .option('--physics-file <path>', 'Parquet file of order-book columns by ts_ns')
    .option('--dates <dates...>', 'sessions to replay; earlier bars are history (default: the last session)', words)
    .option('--speed <x>', 'multiple of real time; 0 runs as fast as possible', numberIn(0, Infinity), 1)
    .option('--from <time>', 'score up to this time of the first session without waiting, for example 10:30 (New York)')
    .option('--interval-ms <ms>', 'time between snapshots', wholeNumber(1), 250)
    .option(
      '--touches <file>',
      'file of touches: continue from those that a scorer kept, and add those of the replay (default: none)',
    )
    .option(
      '--output <path>',
      'file to write: one row per target if it ends in .parquet, otherwise one JSON line per payload',
    )
    .option('--write-every <n>', 'write every n-th payload', wholeNumber(1), 1)
    .option('--json', 'print the counts as JSON on stdout instead of text')
  return httpOptions(modelOptions(barOptions(command)))
    .addHelpText(
      'after',
      examples(
        'scorer replay --bars SPY_1min.csv --timezone America/New_York --speed 0 --allow-missing physics --output day.parquet',
        'scorer replay --bars bars.parquet --physics-file physics.parquet --physics all --dates 2025-12-17 --speed 20 --ui',
      ),
    )
    .action(async (options: ReplayFlags) => (await import('./commands/replay.ts')).runReplayCommand(context, options))
}

/** A version of the payload. */
const payloadOption = (): Option =>
  new Option('--payload <version>', 'version of the `viewport` in the payload (VIEWPORT_PAYLOAD; default 2)').argParser(
    payloadVersion,
  )

function auditCommand(context: Context): Command {
  const audit = new Command('audit').description('Work with an audit log that `breakwater serve --audit` kept.')
  const replay = new Command('replay')
    .description('Score the log again; if the result differs in any bit, exit with 1 and say where and why.')
    .argument('<folder>', 'folder of the log')
    .option('--dates <dates...>', 'score again the runs that began in these sessions (default: all)', words)
    .option('--run <id>', 'score only this run (default: all)')
    .option('--model-dir <folder>', 'folder of the bundles to score with (default: that of the log)')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      examples('scorer audit replay data/audit', 'scorer audit replay data/audit --dates 2025-12-17'),
    )
    .action(async (folder: string, options: AuditReplayFlags) =>
      (await import('./commands/audit-replay.ts')).runAuditReplay(context, folder, options),
    )
  return audit.addCommand(replay)
}

function promoteCommand(context: Context): Command {
  return new Command('promote')
    .description("Make a challenger's set the current one, in one step that `rollback` undoes.")
    .requiredOption('--challenger <folder>', 'folder of the set to promote')
    .option('--model-dir <folder>', 'folder of the serving sets', 'data/ml/boosted_trees')
    .option('--set <name>', 'set, such as metadata_stage_b_full (default: every set that the challenger has)')
    .option('--monitor-state <file>', 'state file of `serve`, with the live gain')
    .option(
      '--margin <brier>',
      'largest loss in Brier score that the interval of the live gain may include',
      numberIn(0, 1),
      DEFAULT_MARGIN,
    )
    .option('--force', 'promote regardless of the live gain')
    .option('--tracking <systems...>', 'where to record it: mlflow, wandb or none', ['mlflow'])
    .addHelpText('after', examples('scorer promote --challenger data/next --monitor-state data/monitor.json'))
    .action(async (options: PromoteFlags) => (await import('./commands/promote.ts')).runPromote(context, options))
}

function rollbackCommand(context: Context): Command {
  return new Command('rollback')
    .description('Make an earlier version the current one again, after checking its files.')
    .option('--model-dir <folder>', 'folder of the serving sets', 'data/ml/boosted_trees')
    .requiredOption('--set <name>', 'set, such as metadata_stage_b_full')
    .option('--to <id>', 'version, by its id or the beginning of its id (default: the one before the current one)')
    .option('--tracking <systems...>', 'where to record it: mlflow, wandb or none', ['mlflow'])
    .addHelpText('after', examples('scorer rollback --set metadata_stage_b_full'))
    .action(async (options: RollbackFlags) => (await import('./commands/promote.ts')).runRollback(context, options))
}

function schemaCommand(context: Context): Command {
  return new Command('schema')
    .description('Print the JSON Schema of the published payload.')
    .addOption(payloadOption().default(VIEWPORT_VERSION))
    .addHelpText('after', examples('scorer schema > viewport-payload.schema.json'))
    .action(async (options: { payload: PayloadVersion }) =>
      (await import('./commands/schema.ts')).runSchema(context, options),
    )
}
