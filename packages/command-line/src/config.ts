import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import type { Command, Option } from 'commander'
import { parse, YAMLParseError } from 'yaml'

/** Options by command, as a config file gives them. */
export interface Config {
  /** The file, as a user would write it. */
  readonly path: string
  /** The options of each command by their long names, without the dashes. */
  readonly commands: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** The config file of a folder, unless BREAKWATER_CONFIG names another. */
export const CONFIG_FILE: string = 'breakwater.yaml'

/**
 * Reads the file that BREAKWATER_CONFIG names, else breakwater.yaml in `cwd`; null where there is none or the variable is
 * `none`. Reading runs no code and resolves at most 100 aliases. Throws a RangeError that names the file and the line.
 */
export async function findConfig(
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Config | null> {
  const named = env['BREAKWATER_CONFIG']?.trim() ?? ''
  if (named === 'none') return null
  const path = resolve(cwd, named === '' ? CONFIG_FILE : named)
  if (named === '' && !existsSync(path)) return null
  return readConfig(relative(cwd, path), await readFile(path, 'utf8'))
}

/** The config in the text of a file; `path` names it in errors. An empty section is a command without options. */
export function readConfig(path: string, text: string): Config {
  const commands: Record<string, Readonly<Record<string, unknown>>> = {}
  for (const [name, section] of Object.entries(mappingOf(`${path}:`, parsed(path, text)))) {
    commands[name] = mappingOf(`${path}: ${name}:`, section)
  }
  return { path, commands }
}

function parsed(path: string, text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 })
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error
    throw new RangeError(`command-line: ${path}: ${error.message}`, { cause: error })
  }
}

function mappingOf(place: string, value: unknown): Readonly<Record<string, unknown>> {
  if (value === null || value === undefined) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return { ...value }
  const rule = 'must be a mapping of names to values'
  throw new RangeError(
    `command-line: ${place} ${JSON.stringify(value)}: ${rule}. \`breakwater init\` writes an example.`,
  )
}

/**
 * Gives the command that `args` name the options of the config, unless `args` give them: flags win, then the config, then
 * variables and defaults. Values pass the checks of the flags. Throws a RangeError for an option that no command has.
 */
export function applyConfig(program: Command, config: Config, args: readonly string[]): void {
  const command = program.commands.find((each) => each.name() === args[0])
  const section = command === undefined ? undefined : config.commands[command.name()]
  if (command === undefined || section === undefined) return
  for (const [name, value] of Object.entries(section)) {
    const option = command.options.find(({ long }) => long === `--${name}`)
    if (option === undefined) throw unknownOption(command, config, name)
    if (isGiven(option, args)) continue
    command.setOptionValueWithSource(
      option.attributeName(),
      valueOf(option, value, `${config.path}: ${command.name()}:`),
      'config',
    )
  }
}

function unknownOption(command: Command, { path }: Config, name: string): RangeError {
  const known = command.options.map(({ long }) => long?.slice(2)).filter((each) => each !== undefined)
  const rule = `${command.name()} takes ${known.join(', ')}`
  return new RangeError(`command-line: ${path}: ${command.name()}: ${name}: no such option. ${rule}.`)
}

const isGiven = ({ long, short }: Option, args: readonly string[]): boolean =>
  args.some((arg) => arg === long || arg === short || arg.startsWith(`${long}=`))

/** A value as the flag would have given it. */
function valueOf(option: Option, value: unknown, place: string): unknown {
  const at = `command-line: ${place} ${option.long?.slice(2)}: ${JSON.stringify(value)}`
  const isFlag = !option.required && !option.optional
  if (isFlag || typeof value === 'boolean') {
    if (typeof value === 'boolean' && !option.required) return value
    throw new RangeError(`${at}: ${isFlag ? 'must be true or false' : 'takes a value'}. Correct it.`)
  }
  const values = (Array.isArray(value) ? value : [value]) as readonly unknown[]
  if (values.length === 0 || !values.every((each) => typeof each === 'string' || typeof each === 'number')) {
    throw new RangeError(`${at}: must be a text, a number or a list of them. Correct it.`)
  }
  if (values.length > 1 && !option.variadic) throw new RangeError(`${at}: takes one value. Remove the others.`)
  try {
    return read(option, values.map(String))
  } catch (error) {
    throw new RangeError(`${at}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

function read({ parseArg, variadic }: Option, values: readonly string[]): unknown {
  if (parseArg === undefined) return variadic ? values : values[0]
  let result: unknown
  for (const value of values) result = parseArg(value, result as never)
  return result
}
