import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Program } from '@breakwater/command-line'
import { type ColumnSpec, parseSchema } from '@breakwater/features'
import { payloadJsonSchema } from '@breakwater/scorer'
import { scorer } from '@breakwater/scorer/command-line'
import { trainer } from '@breakwater/trainer/command-line'
import type { Command } from 'commander'
import { type Page, titleOf } from './pages.ts'

/** Pages made from what the code itself says: commands, columns, payload. */
export async function referencePages(root: string): Promise<Page[]> {
  const pages = {
    'reference/commands.md': await commandsPage([trainer, scorer]),
    'reference/columns.md': columnsPage(readFileSync(join(root, 'data', 'features.json'), 'utf8')),
    'reference/payload.md': payloadPage(payloadJsonSchema(), readFileSync(join(root, 'docs', 'payload.json'), 'utf8')),
  }
  return Object.entries(pages).map(([path, text]) => ({ path, text, title: titleOf(text, path) }))
}

const HELP_WIDTH = 100

/** Every command with the text that its --help prints. */
async function commandsPage(programs: readonly Program[]): Promise<string> {
  const parts = ['# Commands\n', 'What `breakwater <command> --help` prints.\n']
  const seen = new Set<string>()
  for (const program of programs) {
    const { commands } = await program.create('breakwater', [], new AbortController().signal)
    for (const command of commands) {
      if (seen.has(command.name())) continue
      seen.add(command.name())
      parts.push(`## ${command.name()}\n`, `${command.description()}\n`, fence('', helpOf(command)))
    }
  }
  return parts.join('\n')
}

function helpOf(command: Command): string {
  let help = ''
  command.configureOutput({
    writeOut: (text) => {
      help += text
    },
    getOutHelpWidth: () => HELP_WIDTH,
    getOutHasColors: () => false,
  })
  command.outputHelp()
  return help.trim()
}

const fence = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\`\n`

/** The columns of signals and moments by group, as the schema describes them. */
function columnsPage(schemaText: string): string {
  const schema = parseSchema(JSON.parse(schemaText))
  const groups = new Map<string, ColumnSpec[]>()
  for (const spec of [...schema.columns, ...schema.moments])
    groups.set(spec.group, [...(groups.get(spec.group) ?? []), spec])
  const tables = [...groups].map(([group, specs]) => {
    const rows = specs.map(
      ({ name, type, unit, role, knownAfterS, description }) =>
        `| \`${name}\` | ${type} | ${cell(unit)} | ${role} | ${knownAfterS ?? ''} | ${cell(description)} |`,
    )
    const head = '| column | type | unit | role | known after, s | meaning |\n| --- | --- | --- | --- | --- | --- |'
    return `## ${group}\n\n${head}\n${rows.join('\n')}\n`
  })
  return `# Columns\n\n${schema.description}\n\n${tables.join('\n')}`
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** The published JSON Schema of a payload, after a payload. */
function payloadPage(schema: object, example: string): string {
  const parts = [
    '# Payload\n',
    'What the scorer publishes: the snapshot with `viewport`. This one is of a replay of the demo: simulated prices, thresholds of $1 and $2.\n',
    fence('json', example.trimEnd()),
    '## Schema\n',
    'As JSON Schema. `breakwater schema` prints it.\n',
    fence('json', JSON.stringify(schema, null, 2)),
  ]
  return parts.join('\n')
}
