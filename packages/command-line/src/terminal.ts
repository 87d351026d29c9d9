import { outputOf } from '@breakwater/formats/node'

/** Where a command's words go: results to `out`, progress and notices to `err`. */
export interface Terminal {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Whether `err` is a terminal that can redraw a line. */
  readonly interactive: boolean
  /** Width of `err` in characters. */
  readonly width: number
}

/** The terminal of this process; 100 characters wide where its error output is none. */
export const processTerminal = (): Terminal => ({
  out: outputOf(process.stdout, 'standard output'),
  err: (text) => void process.stderr.write(text),
  interactive: process.stderr.isTTY,
  width: process.stderr.isTTY ? process.stderr.columns : 100,
})
