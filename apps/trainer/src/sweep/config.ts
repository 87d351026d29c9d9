import { ABLATIONS, ANCHORS, STAGES } from '@breakwater/features'
import type { SignalSettings } from '@breakwater/features'
import {
  checkSweep,
  type OptionSpace,
  type OptionValue,
  SWEPT_METRICS,
  type SweepConfig,
} from '@breakwater/models/sweep'
import { z } from 'zod'
import type { OptionRow } from '../options/option.ts'
import { SHARED_OPTIONS, SIGNAL_OPTIONS, TREE_OPTIONS } from '../options/table.ts'

/** What an option takes: any number, whole numbers, or one of a few things, of which there are no ranges. */
interface OptionKind {
  readonly value: z.ZodType
  readonly range: 'any' | 'whole' | 'none'
}

const positive = z.number().positive()
const count = z.int().min(1)
const whole = z.int().min(0)
const pair = z.tuple([positive, positive])

/** The settings of signals, all of which can be swept. */
const SIGNAL_ROWS: Readonly<Record<Exclude<keyof SignalSettings, 'symbol'>, OptionRow>> = SIGNAL_OPTIONS
/** The options of `train` that can be swept. */
const TRAIN_ROWS: Readonly<Record<string, OptionRow>> = {
  stage: SHARED_OPTIONS.stage,
  ablation: SHARED_OPTIONS.oneAblation,
  ...TREE_OPTIONS,
}
/** The constants' own names, which are taken too. */
const CONSTANTS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(SIGNAL_ROWS).flatMap(([name, { constant }]) => (constant === undefined ? [] : [[constant, name]])),
)

const NUMBERS: Partial<Readonly<Record<OptionRow['takes'], { value: z.ZodNumber; range: 'any' | 'whole' }>>> = {
  positive: { value: positive, range: 'any' },
  whole: { value: whole, range: 'whole' },
  count: { value: count, range: 'whole' },
  levels: { value: z.int().min(2), range: 'whole' },
}
const CHOICES: Partial<Readonly<Record<OptionRow['takes'], z.ZodType>>> = {
  pair,
  stage: z.enum(STAGES),
  ablation: z.enum(ABLATIONS),
}

function kindOf({ takes, max }: OptionRow): OptionKind {
  const number = NUMBERS[takes]
  if (number !== undefined) return max === undefined ? number : { ...number, value: number.value.max(max) }
  const value = CHOICES[takes]
  if (value === undefined) throw new TypeError(`trainer: an option that takes ${takes} cannot be swept.`)
  return { value, range: 'none' }
}

const rangeOf = (bound: z.ZodType): z.ZodType =>
  z.strictObject({ min: bound, max: bound, scale: z.enum(['linear', 'log']).default('linear') })
const range = z.object({ min: z.number(), max: z.number(), scale: z.enum(['linear', 'log']).default('linear') })

function spaceOf(row: OptionRow): z.ZodType {
  const { value, range: ranges } = kindOf(row)
  const choices = [value, z.array(value).min(1)] as const
  return (ranges === 'none' ? z.union(choices) : z.union([...choices, rangeOf(value)])).optional()
}
const spaces = (rows: Readonly<Record<string, OptionRow>>): Record<string, z.ZodType> =>
  Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, spaceOf(row)]))
const constants = spaces(
  Object.fromEntries(
    Object.values<OptionRow>(SIGNAL_ROWS).flatMap((row) => (row.constant === undefined ? [] : [[row.constant, row]])),
  ),
)

const dates = z.array(z.iso.date()).min(1)

const layout = z
  .strictObject({
    $schema: z.string().optional(),
    method: z.enum(['grid', 'random']).describe('every combination of the lists, or draws from lists and ranges'),
    trials: count.optional().describe('how many draws; for random only'),
    seed: whole.default(7).describe('seed of the draws'),
    halving: z
      .strictObject({ eta: z.int().min(2).default(3) })
      .optional()
      .describe('successive halving: of the trials of a rung one in eta is trained on more inner folds'),
    metric: z.strictObject({
      head: z.string().min(1).describe('such as direction'),
      name: z.enum(SWEPT_METRICS),
    }),
    data: z.union([
      z.strictObject({
        bars: z.array(z.string()).min(1),
        physics: z.string().optional(),
        timezone: z.string().optional(),
      }),
      z.strictObject({ signals: z.array(z.string()).min(1) }),
    ]),
    signals: z.strictObject({ ...spaces(SIGNAL_ROWS), ...constants }).default({}),
    train: z.strictObject(spaces(TRAIN_ROWS)).default({}),
    plan: z
      .strictObject({
        folds: count.optional(),
        testSessions: count.optional(),
        outerSessions: count.optional().describe('sessions at the end that no trial reads'),
        valSessions: count.optional(),
        trainSessions: count.optional(),
        embargoSessions: whole.default(0),
        trainDates: dates.optional(),
        valDates: dates.optional(),
      })
      .prefault({}),
    anchors: z.array(z.enum(ANCHORS)).optional(),
    horizons: z.array(positive).optional(),
    monotone: z
      .record(z.string(), z.union([z.literal(1), z.literal(-1)]))
      .optional()
      .describe('columns in which forecasts may only rise (1) or only fall (-1), in every trial'),
  })
  .describe('breakwater sweep')

/** The JSON Schema of the file that `breakwater sweep --config` reads. */
export function sweepJsonSchema(): unknown {
  return z.toJSONSchema(layout, { io: 'input' })
}

/** Checks the text of a config file; `path` names it in errors. */
export function parseSweep(text: string, path: string): SweepConfig {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new Error(`trainer: ${path}: is not JSON. Remove comments and trailing commas.`, { cause })
  }
  const read = layout.safeParse(json)
  if (!read.success) {
    throw new Error(
      `trainer: ${path}: ${z.prettifyError(read.error)}\nSee \`breakwater sweep --print-schema\` for what a sweep may contain.`,
    )
  }
  const { signals, train, $schema: _schema, ...rest } = read.data
  const config: SweepConfig = { ...rest, signals: spacesOf(signals, path), train: spacesOf(train, path) }
  checkSweep(config, path)
  return config
}

function spacesOf(options: Readonly<Record<string, unknown>>, path: string): Record<string, OptionSpace> {
  const found: Record<string, OptionSpace> = {}
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue
    const option = CONSTANTS[name] ?? name
    if (option in found) throw new Error(`trainer: ${path}: ${name} is ${option}, which is also set. Remove one.`)
    found[option] = spaceFrom(option, value, path)
  }
  return found
}

function spaceFrom(option: string, value: unknown, path: string): OptionSpace {
  const asRange = range.safeParse(value)
  if (asRange.success) {
    const { min, max, scale } = asRange.data
    if (min >= max || (scale === 'log' && min <= 0)) {
      throw new Error(
        `trainer: ${path}: ${option}: min=${min}, max=${max}: min must be below max, and above 0 on a log scale.`,
      )
    }
    return { kind: 'range', ...asRange.data, whole: isWhole(option) }
  }
  // A pair of thresholds is one value; a list of pairs is a choice.
  const single = option === 'thresholds' ? pair.safeParse(value).success : !Array.isArray(value)
  return { kind: 'choice', values: (single ? [value] : value) as readonly OptionValue[] }
}

function isWhole(option: string): boolean {
  const row = { ...SIGNAL_ROWS, ...TRAIN_ROWS }[option]
  return row !== undefined && kindOf(row).range === 'whole'
}
