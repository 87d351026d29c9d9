import { ABLATIONS } from '@breakwater/features'
import { Command, Option } from 'commander'
import { DEFAULTS } from './paths.ts'

/** Words of `--ablation` where it may name every ablation at once. */
export const ABLATION_CHOICES: readonly [...typeof ABLATIONS, 'all'] = [...ABLATIONS, 'all']

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
