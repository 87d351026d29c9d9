import { resolve } from 'node:path'
import {
  createRowRecorder,
  readAudit,
  replayAudit,
  type AuditRecord,
  type ReplayScorer,
} from '@breakwater/monitor/node'
import type { IncomingBar, IncomingSnapshot } from '@breakwater/viewport'
import { type Context, scorerVersion } from '../context.ts'
import { createAnyScorer } from '../embedded/create.ts'
import type { ScorerSettings } from '../embedded/settings.ts'

/** Options of `scorer audit replay` as commander gives them. */
export interface AuditReplayFlags {
  readonly dates?: readonly string[]
  readonly run?: string
  readonly modelDir?: string
  readonly json?: boolean
}

/** Runs `scorer audit replay`. */
export async function runAuditReplay({ cwd, out }: Context, folder: string, flags: AuditReplayFlags): Promise<void> {
  const { dates, run, modelDir, json } = flags
  const selection = { ...(dates === undefined ? {} : { dates }), ...(run === undefined ? {} : { run }) }
  const result = await replayAudit(readAudit(resolve(cwd, folder), selection), (start) =>
    scorerOf(start, modelDir === undefined ? undefined : resolve(cwd, modelDir)),
  )
  const { differences, ...counts } = result
  if (json === true) {
    const listed = differences.map((one) => ({ ...one, tsNs: String(one.tsNs) }))
    out(`${JSON.stringify({ ...counts, differences: listed }, null, 2)}\n`)
  } else {
    out(
      `${counts.ticks} ticks of ${counts.runs} runs: ${counts.same} the same to the bit, ${counts.differing} differ; ${counts.missing} records are missing\n`,
    )
    for (const { run: id, sequence, tsNs, reason, detail } of differences) {
      const time = new Date(Number(tsNs / 1_000_000n)).toISOString()
      out(`${time} run ${id}, record ${sequence}: ${reason}: ${detail}\n`)
    }
    if (counts.differing === 0) out(`Next: breakwater evaluate --served ${folder} --bars <files>\n`)
  }
  if (counts.differing > 0) throw new Error(`scorer: ${counts.differing} of ${counts.ticks} ticks differ.`)
}

/** The scorer of a run's start. Its clock stands: what was refused as ahead of the clock is scored now, and differs. */
async function scorerOf(start: AuditRecord, modelDir: string | undefined): Promise<ReplayScorer> {
  const { settings, history, touches } = JSON.parse(start.input) as {
    readonly settings: ScorerSettings
    readonly history: readonly IncomingBar[]
    /** Absent in logs of older versions, which kept none. */
    readonly touches?: string
  }
  const rows = createRowRecorder()
  const scorer = await createAnyScorer({
    ...settings,
    ...(modelDir === undefined ? {} : { modelDir }),
    history,
    touchesFile: null,
    touches: touches ?? '',
    wrapModels: rows.wrap,
    tuning: { maxAheadMs: Infinity },
  })
  const status = scorer.status()
  const { stage_a: a, stage_b: b } = status.enabled ? status.models : { stage_a: null, stage_b: null }
  return {
    models: `${a?.metadataSha256 ?? 'none'} ${b?.metadataSha256 ?? 'none'}`,
    code: scorerVersion(),
    score(published) {
      const { viewport: _published, ...snapshot } = JSON.parse(published) as IncomingSnapshot & {
        readonly viewport?: unknown
      }
      return { output: JSON.stringify(scorer.score(snapshot)), rows: rows.take() }
    },
  }
}
