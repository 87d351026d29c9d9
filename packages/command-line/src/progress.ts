import type { Terminal } from './terminal.ts'

/** What progress needs of a command's context. */
export interface ProgressContext {
  readonly terminal: Terminal
  /** Milliseconds from an arbitrary start that never goes back. */
  readonly stopwatch: () => number
}

/** Progress of one long step. `update` may be called as often as convenient: output is limited by time. */
export interface Step {
  update(done: number, detail?: string): void
  end(detail?: string): void
}

/** Reports what a command is doing, to a person at a terminal or to a log file. */
export interface Progress {
  /** Begins a step of `total` equal parts. */
  step(label: string, total: number): Step
  /** One line of information that stays. */
  note(message: string): void
}

const REDRAW_MS = 100
const LOG_MS = 10_000
const BAR_CELLS = 24

const seconds = (ms: number): string => {
  const s = Math.round(ms / 1000)
  return s < 60 ? `${s} s` : `${Math.floor(s / 60)} min ${s % 60} s`
}

/** Time left at the speed so far; nothing until there is enough of it. */
const timeLeft = (ms: number, share: number): string =>
  share > 0.02 ? `, ${seconds((ms * (1 - share)) / share)} left` : ''

const silent: Progress = { step: () => ({ update: () => undefined, end: () => undefined }), note: () => undefined }

/**
 * A bar that redraws itself on an interactive terminal; elsewhere plain lines, at the start, at the end and every ten
 * seconds between, so that a log stays short. `quiet` reports nothing.
 */
export function createProgress(context: ProgressContext, quiet: boolean): Progress {
  if (quiet) return silent
  const { terminal } = context
  return {
    note: (message) => terminal.err(`${message}\n`),
    step: (label, total) => (terminal.interactive ? bar(context, label, total) : lines(context, label, total)),
  }
}

function bar(context: ProgressContext, label: string, total: number): Step {
  const { terminal, stopwatch } = context
  const start = stopwatch()
  let drawn = Number.NEGATIVE_INFINITY
  const draw = (text: string): void => terminal.err(`\r\u001B[2K${text.slice(0, Math.max(20, terminal.width - 1))}`)
  return {
    update: (done, detail = '') => {
      const now = stopwatch()
      if (now - drawn < REDRAW_MS) return
      drawn = now
      const share = total > 0 ? Math.min(1, done / total) : 0
      const filled = Math.round(share * BAR_CELLS)
      const cells = '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled)
      draw(`${label} ${cells} ${Math.floor(share * 100)}%${timeLeft(now - start, share)} ${detail}`)
    },
    end: (detail = '') => {
      draw(`${label}: done in ${seconds(stopwatch() - start)}${detail === '' ? '' : `, ${detail}`}`)
      terminal.err('\n')
    },
  }
}

function lines(context: ProgressContext, label: string, total: number): Step {
  const { terminal, stopwatch } = context
  const start = stopwatch()
  let written = start
  terminal.err(`${label}\n`)
  return {
    update: (done, detail = '') => {
      const now = stopwatch()
      if (now - written < LOG_MS) return
      written = now
      const share = total > 0 ? Math.min(1, done / total) : 0
      terminal.err(
        `${label}: ${Math.floor(share * 100)}% after ${seconds(now - start)}${timeLeft(now - start, share)} ${detail}\n`,
      )
    },
    end: (detail = '') => {
      terminal.err(`${label}: done in ${seconds(stopwatch() - start)}${detail === '' ? '' : `, ${detail}`}\n`)
    },
  }
}
