import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { readAudit } from '@breakwater/monitor/node'

/** One payload as JSON, and where it stands, for errors. */
export interface PayloadText {
  readonly text: string
  readonly place: string
}

/**
 * Published payloads in order of time: the lines of a file, or the ticks of an audit log where the path is its folder. Throws where
 * there is neither.
 */
export async function* payloadTexts(path: string): AsyncGenerator<PayloadText, void> {
  if ((await stat(path)).isDirectory()) {
    for await (const { kind, output, run, sequence } of readAudit(path)) {
      if (kind === 'tick') yield { text: output, place: `${path}, run ${run}, record ${sequence}` }
    }
    return
  }
  let line = 0
  for await (const text of createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })) {
    line += 1
    if (text.trim() !== '') yield { text, place: `${path}, line ${line}` }
  }
}
