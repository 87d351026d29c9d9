import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The endpoints of an MLflow server that a run with one registered artifact uses. */
export interface MlflowDouble {
  readonly uri: string
  /** Paths in order, with what was sent. */
  readonly asked: { readonly path: string; readonly body: Readonly<Record<string, unknown>> }[]
  /** Uploaded files by the end of their path. */
  readonly files: ReadonlyMap<string, string>
  readonly close: () => void
}

const INFO = { run_id: 'server1', experiment_id: '1', artifact_uri: 'mlflow-artifacts:/1/server1/artifacts' }
const ANSWERS: Readonly<Record<string, object>> = {
  'experiments/get-by-name': { experiment: { experiment_id: '1', lifecycle_stage: 'active' } },
  'runs/search': { runs: [] },
  'runs/create': { run: { info: INFO } },
  'model-versions/search': { model_versions: [] },
}

/** Starts a double on a free port of the loopback. */
export async function startDouble(): Promise<MlflowDouble> {
  const asked: MlflowDouble['asked'] = []
  const files = new Map<string, string>()
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const text = Buffer.concat(pieces).toString()
      const path = new URL(request.url ?? '/', 'http://127.0.0.1').pathname.replace('/api/2.0/mlflow/', '')
      const isFile = request.method === 'PUT'
      if (isFile) files.set(decodeURIComponent(path.split('/artifacts/').at(-1) ?? ''), text)
      else asked.push({ path, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) })
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify((isFile ? undefined : ANSWERS[path]) ?? {}))
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    uri: `http://127.0.0.1:${port}`,
    asked,
    files,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
