import { ABLATIONS, ACCEPTABLE_RULES, ANCHORS, STAGES } from '@breakwater/features'
import type { Ablation, Anchor, BarRuleName, Stage } from '@breakwater/features'
import type { BarColumns } from '@breakwater/features/parquet'
import { DEVICES } from '@breakwater/patchtst'
import type { Device } from '@breakwater/patchtst'
import type { SystemName } from '@breakwater/tracking/node'
import { Command, Option } from 'commander'
import {
  dateList,
  directions,
  numberIn,
  positiveList,
  positiveNumber,
  wholeNumber,
  wordList,
} from '@breakwater/command-line'
import { columnNames } from '../bars/columns.ts'
import { systemList } from '../tracking/option.ts'
import { SHARED_OPTIONS } from './table.ts'
import type { SIGNAL_OPTIONS, TREE_OPTIONS } from './table.ts'

/** What the options of the tables take, by kind. */
export interface OptionValues {
  readonly text: string
  readonly texts: readonly string[]
  readonly flag: boolean
  readonly stage: Stage
  readonly ablation: Ablation
  readonly ablationOrAll: Ablation | 'all'
  readonly anchor: Anchor
  readonly device: Device
  readonly dates: readonly string[]
  readonly positive: number
  readonly positives: readonly number[]
  readonly pair: readonly number[]
  readonly whole: number
  readonly count: number
  readonly levels: number
  readonly systems: readonly SystemName[]
  readonly stamps: 'start' | 'end'
  readonly priceUnit: 'dollars' | 'cents'
  readonly rules: readonly BarRuleName[]
  readonly columns: Partial<BarColumns>
  readonly seconds: number
  readonly directions: Readonly<Record<string, 1 | -1>>
}

/** A row of the tables; one without flags is not an option of a command. */
export interface OptionRow {
  readonly flags?: string
  readonly text?: string
  readonly takes: keyof OptionValues
  readonly default?: string | number
  readonly demo?: number
  readonly max?: number
  readonly constant?: string
}

const CHOICES: Partial<Readonly<Record<OptionRow['takes'], readonly string[]>>> = {
  stage: STAGES,
  ablation: ABLATIONS,
  ablationOrAll: [...ABLATIONS, 'all'],
  anchor: ANCHORS,
  device: DEVICES,
  stamps: ['start', 'end'],
  priceUnit: ['dollars', 'cents'],
}

// As a method, so that a parser may name the type of the values before it, which are its own.
type Parser = { parse(value: string, previous: unknown): unknown }['parse']

const PARSERS: Partial<Readonly<Record<OptionRow['takes'], Parser>>> = {
  dates: dateList,
  positive: positiveNumber,
  positives: positiveList,
  // The settings' own check reports a list that is not a pair.
  pair: positiveList,
  whole: wholeNumber(0),
  count: wholeNumber(1),
  levels: wholeNumber(2),
  systems: systemList,
  rules: wordList(ACCEPTABLE_RULES),
  columns: columnNames,
  directions,
  seconds: numberIn(0, 86_400),
}

/** A row that commands take. */
export type FlagRow = OptionRow & { readonly flags: string }

/** The option of a row, in the row's words or in a command's own. */
export function option({ flags, takes, default: value, ...row }: FlagRow, text: string = row.text ?? ''): Option {
  const made = new Option(flags, text).default(value)
  const [choices, parse] = [CHOICES[takes], PARSERS[takes]]
  if (choices !== undefined) return made.choices(choices)
  return parse === undefined ? made : made.argParser(parse)
}

/** The name under which commander gives the value of `--some-name <x>`: someName. */
type Attribute<Flags extends string> = Flags extends `--${infer Name} ${string}`
  ? Camel<Name>
  : Flags extends `--${infer Name}`
    ? Camel<Name>
    : never
type Camel<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name

/** The values that commander gives for rows: those with a default always, the others where the user wrote them. */
type FlagsOf<Rows extends Readonly<Record<string, OptionRow>>, Names extends keyof Rows> = {
  readonly [Name in Names as Rows[Name] extends HasDefault ? AttributeOf<Rows[Name]> : never]: ValueOf<Rows[Name]>
} & {
  readonly [Name in Names as Rows[Name] extends HasDefault ? never : AttributeOf<Rows[Name]>]?: ValueOf<Rows[Name]>
}
interface HasDefault {
  readonly default: string | number
}
type AttributeOf<Row extends OptionRow> = Row extends FlagRow ? Attribute<Row['flags']> : never
type ValueOf<Row extends OptionRow> = OptionValues[Row['takes']]

/** Values of shared options by their names in the table, with those that every command has. */
export type SharedFlags<Names extends keyof typeof SHARED_OPTIONS> = FlagsOf<
  typeof SHARED_OPTIONS,
  Names | 'quiet' | 'json'
>
/** Values of all options of the trees. */
export type TreeFlags = FlagsOf<typeof TREE_OPTIONS, keyof typeof TREE_OPTIONS>
/** Values of the settings of signals that are flags. */
export type SignalFlags = FlagsOf<typeof SIGNAL_OPTIONS, keyof typeof SIGNAL_OPTIONS>

/** The values of `rows` among `flags`, by the rows' names; those that are not given are left out. */
export function valuesOf(
  rows: Readonly<Record<string, OptionRow>>,
  flags: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [name, { flags: written }] of Object.entries(rows)) {
    const value = written === undefined ? undefined : flags[new Option(written).attributeName()]
    if (value !== undefined) values[name] = value
  }
  return values
}

/** A command with the options that all share. */
export const command = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .addOption(option(SHARED_OPTIONS.quiet))
    .addOption(option(SHARED_OPTIONS.json))
