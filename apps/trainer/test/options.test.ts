import { SIGNAL_DEFAULTS } from '@breakwater/features'
import { Command } from 'commander'
import type { Option } from 'commander'
import { expect, test } from 'vitest'
import { option, valuesOf } from '../src/options/option.ts'
import type { FlagRow, OptionRow, TreeFlags } from '../src/options/option.ts'
import { SIGNAL_OPTIONS, TREE_OPTIONS } from '../src/options/table.ts'
import { DEMO_TREES, TREE_DEFAULTS, treeOptions } from '../src/options/trees.ts'
import { createProgram } from '../src/program.ts'
import { sweepJsonSchema } from '../src/sweep/config.ts'
import { testContext } from './test-context.ts'

const isFlag = (row: OptionRow): row is FlagRow => row.flags !== undefined
const flagRows = (rows: Readonly<Record<string, OptionRow>>): FlagRow[] =>
  Object.values(rows).filter((row) => isFlag(row))

function parsed(rows: Readonly<Record<string, OptionRow>>, ...args: readonly string[]): Record<string, unknown> {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined })
  for (const row of flagRows(rows)) command.addOption(option(row))
  return command.parse(args, { from: 'user' }).opts()
}
const trees = (...args: readonly string[]): unknown =>
  treeOptions(parsed(TREE_OPTIONS, ...args) as unknown as TreeFlags)

test('without flags the trees are trained as sweeps train them, and the demo trains fewer and shallower ones', () => {
  expect(trees()).toEqual(TREE_DEFAULTS)
  expect(TREE_DEFAULTS).toEqual({ rounds: 300, learningRate: 0.05, maxDepth: 6, earlyStoppingRounds: 30, seed: 7 })
  expect(DEMO_TREES).toEqual({ rounds: 120, learningRate: 0.08, maxDepth: 4, earlyStoppingRounds: 15, seed: 7 })
})

test('flags of the trees come under the names of the trees package, those that are not given not at all', () => {
  expect(trees('--gradient-levels', '4', '--early-stopping-rounds', '9', '--seed', '0')).toEqual({
    ...TREE_DEFAULTS,
    gradientLevels: 4,
    earlyStoppingRounds: 9,
    seed: 0,
  })
  expect(() => trees('--gradient-levels', '1')).toThrow('"1" is not a whole number of at least 2.')
})

test('flags of signals come under the names of the settings', () => {
  const flags = parsed(SIGNAL_OPTIONS, '--lookback-minutes', '12', '--touch-band', '0.2', '--thresholds', '0.5', '1')
  expect(valuesOf(SIGNAL_OPTIONS, flags)).toEqual({ lookback: 12, touchBand: 0.2, thresholds: [0.5, 1] })
  expect(valuesOf(SIGNAL_OPTIONS, parsed(SIGNAL_OPTIONS))).toEqual({})
})

test.each([
  ['train', TREE_OPTIONS],
  ['signals', SIGNAL_OPTIONS],
] as const)('every row of the options of %s is an option of the command, and can be swept', async (name, rows) => {
  const known = (await createProgram(testContext('.'))).commands
    .find((each) => each.name() === name)
    ?.options.map(({ flags }) => flags)
  expect(known).toEqual(expect.arrayContaining(flagRows(rows).map(({ flags }) => flags)))
  const { properties } = sweepJsonSchema() as { properties: Record<string, { properties: object }> }
  expect(Object.keys(properties[name]?.properties ?? {})).toEqual(expect.arrayContaining(Object.keys(rows)))
})

test('a sweep can try every setting of the signals but the name of the symbol', () => {
  expect(Object.keys(SIGNAL_OPTIONS).toSorted()).toEqual(
    Object.keys(SIGNAL_DEFAULTS)
      .filter((name) => name !== 'symbol')
      .toSorted(),
  )
})

const optionOf = async (name: string, flag: string): Promise<Option | undefined> =>
  (await createProgram(testContext('.'))).commands
    .find((each) => each.name() === name)
    ?.options.find(({ long }) => long === flag)

test('anchor and horizons are those of features, in the commands’ words', async () => {
  expect(await optionOf('index', '--anchor')).toMatchObject({
    defaultValue: '4min',
    argChoices: ['2min', '4min', '8min'],
  })
  expect((await optionOf('train', '--horizons'))?.description).toBe(
    'horizons of the reach heads (default: 60 120 180 300)',
  )
  expect((await optionOf('sequences', '--horizons'))?.description).toBe(
    'horizons of the reach labels (default: 60 120 180 300)',
  )
})

const loaded = async (...args: string[]): Promise<string[]> =>
  (await createProgram(testContext('.'), args)).commands.map((each) => each.name())

test('of the commands only the one that the arguments name is loaded, and all where they name none', async () => {
  expect(await loaded('train', '--help')).toEqual(['train'])
  expect(await loaded('--version')).toEqual([])
  const all = await loaded()
  expect(all).toEqual(
    'check signals audit train index evaluate import calibrate sequences patchtst export compare demo sweep ui worker jobs runs versions rollback prune track'.split(
      ' ',
    ),
  )
  for (const args of [['--help'], ['help', 'train'], ['toString'], ['tarin']])
    expect(await loaded(...args)).toEqual(all)
})
