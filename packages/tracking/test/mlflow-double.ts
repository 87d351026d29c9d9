import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'

type Json = Record<string, unknown>
interface Text {
  key: string
  value: string
}
interface Point {
  key: string
  value: number
  timestamp: number
  step: number
}

/** A run as the double holds it. */
export interface DoubleRun {
  readonly id: string
  readonly experiment: string
  readonly name: string
  status: string
  endTime: number | undefined
  readonly params: Map<string, string>
  readonly tags: Map<string, string>
  readonly metrics: Point[]
  readonly datasets: { name: string; digest: string; context: string }[]
  readonly artifacts: Map<string, string>
}

/** What to do with a request instead of answering it. */
export type Fault =
  | { readonly status: number; readonly body: string; readonly headers?: Record<string, string> }
  | 'hang'
  | 'drip'
  | 'endless'
  | 'drop'
  | 'drop-after'

/** A request as it arrived. */
export interface RecordedRun {
  readonly path: string
  readonly authorization: string | undefined
  readonly bytes: number
}

/** An MLflow server in a few lines: the endpoints that are used, its limits and its rules about params. */
export interface MlflowDouble {
  readonly uri: string
  readonly runs: DoubleRun[]
  readonly models: { name: string; source: string; runId: string }[]
  readonly requests: RecordedRun[]
  /** Decides about each request, in order; null answers it. */
  fault: (path: string, count: number) => Fault | null
  /** Called when a request hangs, at once or, as `drip`, after the first byte of an answer. */
  onHang: () => void
  /** Bytes that were written of answers without end. */
  endless: number
  /** Called when the connection of such an answer is closed. */
  onClose: () => void
  readonly close: () => void
}

const open: MlflowDouble[] = []
afterEach(() => {
  for (const double of open.splice(0)) double.close()
})

class Refusal extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

const info = ({ id, experiment }: DoubleRun): Json => ({
  run_id: id,
  experiment_id: experiment,
  artifact_uri: `mlflow-artifacts:/${experiment}/${id}/artifacts`,
})

/** Starts a double on a free port of the loopback. */
export async function startDouble(): Promise<MlflowDouble> {
  const experiments = new Map<string, string>()
  const registered = new Set<string>()
  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const double: MlflowDouble = {
    uri: `http://127.0.0.1:${port}`,
    runs: [],
    models: [],
    requests: [],
    fault: () => null,
    onHang: () => undefined,
    endless: 0,
    onClose: () => undefined,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
  open.push(double)
  return double

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const body = Buffer.concat(pieces)
    const url = new URL(request.url ?? '/', double.uri)
    const path = url.pathname.replace('/api/2.0/mlflow/', '')
    double.requests.push({ path, authorization: request.headers.authorization, bytes: body.length })
    const fault = double.fault(path, double.requests.length)
    if (fault === 'hang') {
      double.onHang()
      return
    }
    if (fault === 'drip') {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{', () => double.onHang())
      return
    }
    if (fault === 'endless') {
      const piece = Buffer.alloc(2 ** 20, ' ')
      const more = (): void => {
        for (let taken = true; taken && !response.closed; double.endless += piece.length) taken = response.write(piece)
      }
      response.on('drain', more).on('close', () => double.onClose())
      more()
      return
    }
    if (fault === 'drop') {
      request.socket.destroy()
      return
    }
    if (fault !== null && fault !== 'drop-after') {
      response.writeHead(fault.status, fault.headers).end(fault.body)
      return
    }
    try {
      const answer = path.startsWith('/api/2.0/mlflow-artifacts/')
        ? upload(decodeURIComponent(path.replace('/api/2.0/mlflow-artifacts/artifacts/', '')), body)
        : answerTo(
            path,
            request.method === 'GET' ? Object.fromEntries(url.searchParams) : (JSON.parse(body.toString()) as Json),
            body.length,
          )
      if (fault === 'drop-after') request.socket.destroy()
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    } catch (error) {
      const code = error instanceof Refusal ? error.code : 'INTERNAL_ERROR'
      const status = code === 'RESOURCE_DOES_NOT_EXIST' ? 404 : code === 'INTERNAL_ERROR' ? 500 : 400
      response.writeHead(status).end(JSON.stringify({ error_code: code, message: String(error) }))
    }
  }

  function runOf(body: Json): DoubleRun {
    const run = double.runs.find(({ id }) => id === body['run_id'])
    if (run === undefined) throw new Refusal('RESOURCE_DOES_NOT_EXIST', `no run ${String(body['run_id'])}`)
    return run
  }

  function upload(path: string, body: Buffer): Json {
    const [, id, , ...rest] = path.split('/')
    runOf({ run_id: id }).artifacts.set(rest.join('/'), body.toString())
    return {}
  }

  function answerTo(path: string, body: Json, bytes: number): Json {
    switch (path) {
      case 'experiments/get-by-name': {
        const id = experiments.get(String(body['experiment_name']))
        if (id === undefined) throw new Refusal('RESOURCE_DOES_NOT_EXIST', 'no such experiment')
        return { experiment: { experiment_id: id, lifecycle_stage: 'active' } }
      }
      case 'experiments/create': {
        const id = String(experiments.size + 1)
        experiments.set(String(body['name']), id)
        return { experiment_id: id }
      }
      case 'runs/search': {
        const [, key, value] = /^tags\."(\w+)" = '(\w+)'$/.exec(String(body['filter'])) ?? []
        const found = double.runs.filter(({ tags }) => tags.get(key ?? '') === value)
        return { runs: found.map((run) => ({ info: info(run) })) }
      }
      case 'runs/create': {
        const tags = body['tags'] as Text[]
        const run: DoubleRun = {
          id: `server${double.runs.length + 1}`,
          experiment: String(body['experiment_id']),
          name: String(body['run_name']),
          status: 'RUNNING',
          endTime: undefined,
          params: new Map(),
          tags: new Map(tags.map(({ key, value }) => [key, value])),
          metrics: [],
          datasets: [],
          artifacts: new Map(),
        }
        double.runs.push(run)
        return { run: { info: info(run) } }
      }
      case 'runs/log-batch':
        logBatch(runOf(body), body as unknown as { metrics: Point[]; params: Text[]; tags: Text[] }, bytes)
        return {}
      case 'runs/log-inputs': {
        const datasets = body['datasets'] as { dataset: { name: string; digest: string }; tags: Text[] }[]
        for (const { dataset, tags } of datasets) {
          if (dataset.digest.length > 36) throw new Refusal('INVALID_PARAMETER_VALUE', 'digest too long')
          runOf(body).datasets.push({ ...dataset, context: tags[0]?.value ?? '' })
        }
        return {}
      }
      case 'runs/update': {
        const run = runOf(body)
        run.status = String(body['status'])
        run.endTime = body['end_time'] as number | undefined
        return {}
      }
      case 'registered-models/create':
        if (registered.has(String(body['name']))) throw new Refusal('RESOURCE_ALREADY_EXISTS', 'there already')
        registered.add(String(body['name']))
        return {}
      case 'model-versions/search':
        return { model_versions: double.models.filter(({ runId }) => body['filter'] === `run_id='${runId}'`) }
      case 'model-versions/create':
        double.models.push({
          name: String(body['name']),
          source: String(body['source']),
          runId: String(body['run_id']),
        })
        return {}
      default:
        throw new Refusal('ENDPOINT_NOT_FOUND', path)
    }
  }
}

function logBatch(
  run: DoubleRun,
  { metrics, params, tags }: { metrics: Point[]; params: Text[]; tags: Text[] },
  bytes: number,
): void {
  const all = metrics.length + params.length + tags.length
  if (metrics.length > 1000 || params.length > 100 || tags.length > 100 || all > 1000 || bytes > 1024 * 1024) {
    throw new Refusal('INVALID_PARAMETER_VALUE', 'the batch is over a limit')
  }
  for (const { key, value } of params) {
    const before = run.params.get(key)
    if (before !== undefined && before !== value) throw new Refusal('INVALID_PARAMETER_VALUE', `${key} was ${before}`)
  }
  for (const { key, value } of params) run.params.set(key, value)
  for (const { key, value } of tags) run.tags.set(key, value)
  // As the real one, which keeps one of equal values.
  const held = new Set(run.metrics.map((point) => JSON.stringify(point)))
  for (const point of metrics) {
    if (!held.has(JSON.stringify(point))) run.metrics.push(point)
  }
}
