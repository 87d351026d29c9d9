import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Thresholds } from '@breakwater/features'
import { replaceFile } from '@breakwater/formats/node'
import { createRowRecorder, type RowRecorder } from '../audit/rows.ts'
import { type AuditThread, startAuditThread } from '../audit/thread.ts'
import type { MonitorState } from '../monitor.ts'
import { createObserver, type AlarmEvent, type Observer, type PublishedTick } from './observer.ts'

/** What a process watches itself by. */
export interface WatchOptions {
  readonly horizons: readonly number[]
  readonly thresholds: Thresholds
  /** File of the monitor's state, to go on from and to keep; null keeps none. */
  readonly stateFile: string | null
  /** Folder of the audit log; null keeps none. */
  readonly audit: { readonly folder: string; readonly maxBytes: number; readonly maxDays: number } | null
  /** Names this run of the process. */
  readonly run: string
  readonly code: string
  /** Settings and history that a replay of the log starts from, JSON. */
  readonly start: string
  readonly onAlarm: (alarm: AlarmEvent) => void
  /** Called where the state could not be kept, with why. */
  readonly onTrouble: (message: string) => void
}

/** Watches what a scorer publishes, and keeps what is needed to do so again. */
export interface Watch {
  readonly observer: Observer
  readonly audit: AuditThread | null
  readonly rows: RowRecorder
  /** Takes a tick after it was published. */
  take(tick: WatchedTick): void
  /** Keeps the state and ends the log. */
  close(): Promise<void>
}

/** A tick that was published. */
export interface WatchedTick {
  readonly published: PublishedTick
  /** The same as it was sent. */
  readonly json: string
  readonly latencyMs: number
}

const MS_NS = 1_000_000n
/** Minutes between two times that the state is kept. */
const KEEP_MS = 30 * 60_000

/** Starts to watch. Rejects where the state file holds no state, and where the folder of the log cannot be used. */
export async function startWatch(options: WatchOptions): Promise<Watch> {
  const { horizons, thresholds, stateFile, onAlarm, onTrouble, code } = options
  const state = stateFile === null ? null : await readState(stateFile)
  const observer = createObserver({ horizons, thresholds, onAlarm, ...(state === null ? {} : { state }) })
  const audit = options.audit === null ? null : await startAuditThread({ ...options.audit, run: options.run })
  const rows = createRowRecorder()
  let kept: number | null = null
  const keep = async (): Promise<void> => {
    if (stateFile === null) return
    await replaceFile(stateFile, JSON.stringify(observer.monitor.state())).catch((error: unknown) => {
      onTrouble(error instanceof Error ? error.message : String(error))
    })
  }
  let isStarted = false
  return {
    observer,
    audit,
    rows,
    take({ published, json, latencyMs }) {
      const { viewport } = published
      const encoded = rows.take()
      if (viewport === undefined) return
      if (audit !== null) {
        const { stage_a: a, stage_b: b } = viewport.models
        const tsNs = BigInt(viewport.ts ?? 0) * MS_NS
        const common = { tsNs, models: `${a ?? 'none'} ${b ?? 'none'}`, code }
        if (!isStarted)
          audit.record({ ...common, kind: 'start', input: options.start, output: '', rows: '', latencyMs: 0 })
        isStarted = true
        audit.record({ ...common, kind: 'tick', input: '', output: json, rows: encoded, latencyMs })
      }
      observer.observe(published)
      const ts = viewport.ts ?? 0
      kept ??= ts
      if (ts - kept < KEEP_MS) return
      kept = ts
      void keep()
    },
    async close() {
      await keep()
      await audit?.close()
    },
  }
}

async function readState(path: string): Promise<MonitorState | null> {
  if (!existsSync(path)) return null
  const state: unknown = JSON.parse(await readFile(path, 'utf8'))
  if (typeof state === 'object' && state !== null && 'version' in state && state.version === 1)
    return state as MonitorState
  throw new Error(`monitor: ${path}: holds no state of a monitor. Name another file, or delete it.`)
}
