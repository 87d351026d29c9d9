import { readFile } from 'node:fs/promises'
import { replaceFile } from '@breakwater/formats/node'

/** What a meta.yaml holds: a flat map. */
export type Meta = Readonly<
  Record<string, string | number | null | readonly never[] | Readonly<Record<string, string>>>
>

/** Writes a meta.yaml, keys sorted; every text is a double-quoted scalar, which YAML reads as JSON does. */
export async function writeMeta(path: string, meta: Meta): Promise<void> {
  const lines = Object.keys(meta)
    .toSorted()
    .map((key) => `${key}: ${JSON.stringify(meta[key])}\n`)
  await replaceFile(path, lines.join(''))
}

/** The scalar fields of a meta.yaml that MLflow or {@link writeMeta} wrote, as text; other lines are left out. */
export async function readMeta(path: string): Promise<Record<string, string>> {
  const lines = (await readFile(path, 'utf8')).split('\n')
  return Object.fromEntries(
    lines.flatMap((line): [string, string][] => {
      const { key, value } = /^(?<key>\w+): (?<value>.*)$/.exec(line)?.groups ?? {}
      return key === undefined || value === undefined ? [] : [[key, plain(value)]]
    }),
  )
}

function plain(value: string): string {
  if (value.startsWith('"')) return String(JSON.parse(value))
  return value.startsWith("'") ? value.slice(1, -1).replaceAll("''", "'") : value
}
