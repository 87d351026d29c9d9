import { Command, Option } from 'commander'
import { DEFAULTS } from './paths.ts'

/** Feature stages by name. */
export const STAGES = ['stage_a', 'stage_b'] as const
/** Feature families by name. */
export const FAMILIES = ['full', 'ta', 'mechanics'] as const
/** Feature families, and all of them. */
export const ABLATIONS: readonly [...typeof FAMILIES, 'all'] = [...FAMILIES, 'all']
/** Label anchors by name. */
export const ANCHORS = ['2min', '4min', '8min'] as const

/** A command with the options that all share. */
export const command = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .option('--quiet', 'no progress on stderr')
    .option('--json', 'print the result as JSON on stdout instead of text')

/** The option that names the description of the columns. */
export const schemaOption = (): Option =>
  new Option('--schema <path>', 'description of the columns (features.json)').default(DEFAULTS.schema)

/** The examples at the end of a command's help. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n`
