import { resolve } from 'node:path'
import { CONFIG_FILE, configSchema, configTemplate, examples } from '@breakwater/command-line'
import { replaceFile } from '@breakwater/formats/node'
import { Command } from 'commander'
import { existsSync } from 'node:fs'

/** Where a command prints, and the folder it works in. */
export interface InitContext {
  readonly out: (text: string) => void
  readonly cwd: string
}

interface Flags {
  readonly force?: boolean
  readonly printSchema?: boolean
}

/** The command `init`: writes a config file for `commands` in which every option is a comment. */
export function initCommand(context: InitContext, commands: readonly Command[]): Command {
  return new Command('init')
    .description(`Write ${CONFIG_FILE}: every option of every command, with its description and default.`)
    .option('--force', 'replace the file if there is one')
    .option('--print-schema', 'print the JSON Schema of the file instead')
    .addHelpText('after', examples('breakwater init', 'breakwater init --print-schema > breakwater.schema.json'))
    .action((flags: Flags) => init(context, commands, flags))
}

async function init({ out, cwd }: InitContext, commands: readonly Command[], flags: Flags): Promise<void> {
  if (flags.printSchema === true) return out(`${JSON.stringify(configSchema(commands), null, 2)}\n`)
  const path = resolve(cwd, CONFIG_FILE)
  if (flags.force !== true && existsSync(path)) {
    throw new Error(`breakwater: ${CONFIG_FILE}: exists already. Give --force to replace it, or remove it.`)
  }
  await replaceFile(path, configTemplate(commands))
  out(
    `${CONFIG_FILE} is written, with every option as a comment.\nNext: breakwater check --bars <file>, or breakwater demo\n`,
  )
}
