import type { Command, Option } from 'commander'

/** A JSON Schema, as far as a config file needs it. */
type Schema = Readonly<Record<string, unknown>>

/** What a config file cannot set. */
const HELP: ReadonlySet<string> = new Set(['--help', '--version'])

const optionsOf = (command: Command): Option[] =>
  command.options.filter(({ long }) => long !== undefined && !HELP.has(long))
const keyOf = ({ long }: Option): string => long?.slice(2) ?? ''
const defaultOf = ({ defaultValue }: { readonly defaultValue?: unknown }): unknown => defaultValue
const isFlag = ({ required, optional }: Option): boolean => !required && !optional

/** The JSON Schema (2020-12) of the config file for these commands: one section a command, one key an option. */
export function configSchema(commands: readonly Command[]): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'breakwater.yaml',
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(commands.map((command) => [command.name(), sectionSchema(command)])),
  }
}

const sectionSchema = (command: Command): Schema => ({
  description: command.description(),
  type: ['object', 'null'],
  additionalProperties: false,
  properties: Object.fromEntries(optionsOf(command).map((option) => [keyOf(option), optionSchema(option)])),
})

function optionSchema(option: Option): Schema {
  const { description, argChoices, variadic, optional } = option
  const fallback = defaultOf(option)
  const shared = { description, ...(fallback === undefined ? {} : { default: fallback }) }
  if (isFlag(option)) return { ...shared, type: 'boolean' }
  const value: Schema = argChoices === undefined ? { type: ['string', 'number'] } : { enum: argChoices }
  if (!variadic && !optional) return { ...shared, ...value }
  const list = variadic ? [{ type: 'array', items: value, minItems: 1 }] : []
  return { ...shared, anyOf: [value, ...list, ...(optional ? [{ type: 'boolean' }] : [])] }
}

/** A config file for these commands in which every option is a comment with its description and default. */
export function configTemplate(commands: readonly Command[]): string {
  const head = [
    '# Options of the commands. A flag on the command line wins over this file; this file wins over defaults.',
    '# Take the # away from a line to set it. A list is written [a, b].',
  ]
  return `${[...head, ...commands.flatMap(sectionLines)].join('\n')}\n`
}

function sectionLines(command: Command): string[] {
  const options = optionsOf(command).flatMap((option) => [
    `  # ${option.description.replaceAll('\n', ' ')}`,
    `  # ${keyOf(option)}: ${exampleOf(option)}`,
  ])
  return ['', `# ${command.description()}`, `${command.name()}:`, ...options]
}

/** The default, else what the option takes. */
function exampleOf(option: Option): string {
  const value = defaultOf(option)
  if (isFlag(option)) return 'true'
  if (value !== undefined) return JSON.stringify(value)
  return option.argChoices?.[0] ?? /[<[](.*?)(?:\.\.\.)?[>\]]/.exec(option.flags)?.[1] ?? ''
}
