import { connect } from 'node:net'
import { type Finding, ok, warn } from './finding.ts'

/** A server is asked this long. */
const TIMEOUT_MS = 3000

/** Whether the servers that are named answer. */
export async function serverFindings(request: {
  /** URL of a NATS server. */
  readonly nats: string
  /** URL of an MLflow server; empty where runs go to files. */
  readonly mlflow: string
  readonly signal: AbortSignal
}): Promise<Finding[]> {
  return Promise.all([natsFinding(request.nats, request.signal), mlflowFinding(request.mlflow, request.signal)])
}

/** Whether a NATS server greets: it sends INFO before anything is asked. */
async function natsFinding(url: string, signal: AbortSignal): Promise<Finding> {
  const { hostname, port } = new URL(url)
  const greeting = await new Promise<string>((resolve) => {
    const socket = connect({ host: hostname, port: Number(port === '' ? 4222 : port), signal })
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)))
    socket.once('data', (bytes) => {
      resolve(bytes.toString('latin1', 0, 5))
      socket.destroy()
    })
    socket.once('error', (error) => resolve(error.message))
    socket.once('close', () => resolve('closed without a greeting'))
  })
  if (greeting === 'INFO ') return ok('NATS', `${url} answers`)
  return warn('NATS', `${url}: ${greeting}`, 'Only serve needs one; replay and an embedded scorer do not.')
}

async function mlflowFinding(url: string, signal: AbortSignal): Promise<Finding> {
  if (!/^https?:/.test(url)) return ok('MLflow', 'runs are written to files; MLFLOW_TRACKING_URI names a server')
  try {
    const response = await fetch(new URL('/health', url), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    await response.body?.cancel()
    if (response.ok) return ok('MLflow', `${url} answers`)
    return warn(
      'MLflow',
      `${url} answers ${response.status}`,
      'Runs are kept in files until it does; breakwater track replay sends them.',
    )
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return warn(
      'MLflow',
      `${url}: ${reason}`,
      'Runs are kept in files until it answers; breakwater track replay sends them.',
    )
  }
}
