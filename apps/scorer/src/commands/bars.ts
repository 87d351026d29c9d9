import { ACCEPTABLE_RULES, type BarRuleName, type Bars } from '@breakwater/features'
import { type Command, Option } from 'commander'
import { resolve } from 'node:path'
import type { Context } from '../context.ts'
import { words } from '@breakwater/command-line'

/** Flags that say how bars are read. */
export interface BarFlags {
  readonly timezone?: string
  readonly stamps?: 'start' | 'end'
  readonly priceUnit?: 'dollars' | 'cents'
  readonly repair?: boolean
  readonly adjust?: boolean
  readonly accept?: readonly string[]
}

/** Adds the flags to a command that reads bars. */
export const barOptions = (command: Command): Command =>
  command
    .option('--timezone <iana>', 'time zone of time stamps in --bars without one')
    .addOption(
      new Option('--stamps <start|end>', 'which end of a bar the time stamps of --bars mark (default: start)').choices([
        'start',
        'end',
      ]),
    )
    .addOption(
      new Option('--price-unit <unit>', 'unit of the prices of --bars (default: dollars)').choices([
        'dollars',
        'cents',
      ]),
    )
    .option('--repair', 'repair bad rows and bars of --bars')
    .option('--adjust', 'convert prices of --bars before a split to the unit after it')
    .option('--accept <rules...>', 'rules that --bars may break; a refusal names them', words)

/** Reads bars for the scorer, held to the rules of the bars that models are trained on. */
export async function readBarFiles(
  { cwd, stop }: Context,
  paths: readonly string[],
  { timezone, stamps, priceUnit, repair, adjust, accept }: BarFlags,
): Promise<Bars> {
  // Put off: it loads DuckDB, a native add-on, which a scorer without --bars needs no permission for.
  const { readBars } = await import('@breakwater/features/parquet')
  const { bars } = await readBars(
    paths.map((path) => resolve(cwd, path)),
    {
      repair: repair === true,
      adjust: adjust === true,
      accept: (accept ?? []).map(ruleOf),
      signal: stop,
      ...(timezone === undefined ? {} : { timezone }),
      ...(stamps === undefined ? {} : { stamps }),
      ...(priceUnit === undefined ? {} : { priceUnit }),
    },
  )
  return bars
}

function ruleOf(word: string): BarRuleName {
  const rule = ACCEPTABLE_RULES.find((name) => name === word)
  if (rule !== undefined) return rule
  throw new RangeError(`scorer: --accept=${word}: is no rule of bars. Choose among ${ACCEPTABLE_RULES.join(', ')}.`)
}
