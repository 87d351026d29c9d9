import { join } from 'node:path'
import { retrying } from '../retry.ts'
import type { RetryDelays, RetryPolicy } from '../retry.ts'
import { STATUSES } from './terms.ts'
import { artifactPath, ensureRun, logBatch, registerModel } from './api.ts'
import type { ServerRun } from './api.ts'
import { MlflowRefusal } from './client.ts'
import type { MlflowClient } from './client.ts'
import type { Journal } from './journal.ts'
import { packBatches } from './operations.ts'
import type { LogBatch, Operation } from './operations.ts'

/** What sending needs. */
export interface Delivery {
  readonly client: MlflowClient
  /** The server, without credentials, as it stands in journals. */
  readonly uri: string
  readonly retry: RetryPolicy
  readonly waiting: RetryDelays
  /** Ends waits between tries. */
  readonly signal?: AbortSignal | undefined
  /** Called whenever the server has taken something, before it is noted in the journal. */
  readonly taken?: () => void
}

/** Whether a refusal concerns who asks, not what: the same operation may be taken once the credentials are right. */
export const isAuthFailure = (error: unknown): boolean =>
  error instanceof MlflowRefusal && (error.status === 401 || error.status === 403)

/**
 * Sends what the server does not have yet, in order, each request with bounded tries; consecutive values go together in
 * batches. What the server refuses is noted in the journal and passed over, except a start and what fails for want of
 * credentials. Throws what stopped it; what was sent stays sent. A request whose answer was lost is sent again, which
 * changes nothing: MLflow keeps one of equal values.
 */
export async function deliver(journal: Journal, delivery: Delivery): Promise<void> {
  const { retry, waiting, signal, uri, taken } = delivery
  if (journal.progress.uri !== undefined && journal.progress.uri !== uri) {
    throw new Error(
      `tracking: ${journal.folder}: a part was sent to ${journal.progress.uri}, not ${uri}. Set MLFLOW_TRACKING_URI to that server.`,
    )
  }
  let singlyBefore = 0
  for (let at = journal.progress.sent; at < journal.operations.length; at = journal.progress.sent) {
    const group = nextGroup(journal.operations, at, at < singlyBefore)
    try {
      await retrying(() => send(journal, delivery, group), retry, waiting, signal)
      taken?.()
      await journal.advance({ sent: at + group.length })
    } catch (error) {
      const first = group[0]
      if (!(error instanceof MlflowRefusal) || isAuthFailure(error) || first?.kind === 'start') throw error
      if (group.length > 1) {
        // One value is to blame: the others are sent without it.
        singlyBefore = at + group.length
      } else {
        const refused = [...journal.progress.refused, { operation: at, message: error.message }]
        await journal.advance({ sent: at + 1, refused })
      }
    }
  }
}

/** The next operation; unless `singly`, all values up to the next operation of another kind. */
function nextGroup(operations: readonly Operation[], at: number, singly: boolean): readonly Operation[] {
  let end = at + 1
  if (!singly && operations[at]?.kind === 'batch') while (operations[end]?.kind === 'batch') end++
  return operations.slice(at, end)
}

async function send(journal: Journal, { client, uri }: Delivery, group: readonly Operation[]): Promise<void> {
  const [operation] = group
  if (operation === undefined) return
  if (operation.kind === 'start') {
    await journal.advance({ run: await ensureRun(client, operation), uri })
    return
  }
  const { run } = journal.progress
  if (run === undefined) throw new Error(`tracking: ${journal.folder}: does not begin with the start of a run`)
  if (operation.kind === 'batch') {
    const batches = group.filter((each): each is LogBatch => each.kind === 'batch')
    for (const batch of packBatches(batches)) await logBatch(client, run, batch)
  } else await sendOne(journal, client, run, operation)
}

async function sendOne(
  journal: Journal,
  client: MlflowClient,
  run: ServerRun,
  operation: Exclude<Operation, { kind: 'start' | 'batch' }>,
): Promise<void> {
  const { runId } = run
  switch (operation.kind) {
    case 'dataset': {
      const tags = [{ key: 'mlflow.data.context', value: operation.context }]
      await client.post('runs/log-inputs', { run_id: runId, datasets: [{ tags, dataset: operation.dataset }] })
      break
    }
    case 'file':
      await client.upload(artifactPath(run, operation.path), join(journal.folder, operation.file))
      break
    case 'model':
      await registerModel(client, run, operation)
      break
    case 'end':
      await client.post('runs/update', {
        run_id: runId,
        status: STATUSES[operation.status].word,
        end_time: operation.time,
      })
  }
}
