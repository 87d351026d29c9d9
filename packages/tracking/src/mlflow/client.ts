import { readFile } from 'node:fs/promises'
import { PassingFailure } from '../retry.ts'

/** Where an MLflow server is and how to speak to it. */
export interface MlflowServer {
  /** Such as http://127.0.0.1:5000, without credentials. */
  readonly uri: string
  readonly credentials?:
    { readonly username: string; readonly password: string } | { readonly token: string } | undefined
}

/** The parts of the process that requests need. */
export interface Network {
  readonly fetch: typeof fetch
  /** A signal that aborts after so many milliseconds. */
  readonly timeout: (milliseconds: number) => AbortSignal
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string
}

/** The server's refusal of a request: sending it again would not help. */
export class MlflowRefusal extends Error {
  override readonly name = 'MlflowRefusal'
  readonly status: number
  /** MLflow's error code, such as INVALID_PARAMETER_VALUE. */
  readonly code: string
  constructor(message: string, status: number, code: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

const REQUEST_TIMEOUT = 20_000
const UPLOAD_TIMEOUT = 300_000
const SHOWN_LENGTH = 500
/** More than a server's answer about a run with 50,000 metrics. */
const ANSWER_BYTES = 16 * 2 ** 20

/** Requests to an MLflow server; a failure is a {@link PassingFailure} or a {@link MlflowRefusal}. */
export interface MlflowClient {
  /** GET of a path below /api/2.0/mlflow. Resolves to the JSON answer. */
  readonly get: (path: string, query: Readonly<Record<string, string>>) => Promise<unknown>
  /** POST, the same way. */
  readonly post: (path: string, body: Readonly<Record<string, unknown>>) => Promise<unknown>
  /** Uploads a file through the server's artifact store; `path` as in its mlflow-artifacts URI. */
  readonly upload: (path: string, file: string) => Promise<void>
}

/** A client of one server. */
export function mlflowClient(server: MlflowServer, network: Network): MlflowClient {
  const base = server.uri.replace(/\/+$/, '')
  const api = `${base}/api/2.0/mlflow`
  const headers = authorization(server)
  const send = async (url: string, what: string, init: RequestInit, timeout: number): Promise<string> => {
    let response: Response
    let text: string
    try {
      response = await network.fetch(url, { ...init, redirect: 'error', signal: network.timeout(timeout) })
      text = await boundedText(response)
    } catch (cause) {
      throw new PassingFailure(
        `tracking: mlflow-server: ${what}: no answer from ${base}: ${network.redact(reason(cause))}`,
      )
    }
    if (response.ok) return text
    throw failure(response, `tracking: mlflow-server: ${what}`, network.redact(text))
  }
  return {
    get: async (path, query) => {
      const url = `${api}/${path}?${new URLSearchParams(query).toString()}`
      return parsed(await send(url, path, { method: 'GET', headers }, REQUEST_TIMEOUT), path, base)
    },
    post: async (path, body) => {
      const json = { ...headers, 'content-type': 'application/json' }
      const init = { method: 'POST', headers: json, body: JSON.stringify(body) }
      return parsed(await send(`${api}/${path}`, path, init, REQUEST_TIMEOUT), path, base)
    },
    upload: async (path, file) => {
      const url = `${base}/api/2.0/mlflow-artifacts/artifacts/${path.split('/').map(encodeURIComponent).join('/')}`
      const body = await readFile(file)
      const type = { ...headers, 'content-type': 'application/octet-stream' }
      await send(url, `upload of ${path}`, { method: 'PUT', headers: type, body }, UPLOAD_TIMEOUT)
    },
  }
}

/** The body of an answer. Throws where it is longer than any answer should be; the connection is closed then. */
async function boundedText({ body }: Response): Promise<string> {
  if (body === null) return ''
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of body as ReadableStream<Uint8Array>) {
    bytes += piece.length
    if (bytes > ANSWER_BYTES) throw new Error(`its answer is longer than ${ANSWER_BYTES} bytes`)
    pieces.push(piece)
  }
  return new TextDecoder().decode(Buffer.concat(pieces))
}

function authorization({ credentials }: MlflowServer): Record<string, string> {
  if (credentials === undefined) return {}
  if ('token' in credentials) return { authorization: `Bearer ${credentials.token}` }
  const pair = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')
  return { authorization: `Basic ${pair}` }
}

function parsed(text: string, path: string, base: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch {
    // A proxy's page, most likely; it may be gone soon.
    throw new PassingFailure(`tracking: mlflow-server: ${path}: ${base} answered something that is not JSON`)
  }
}

function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const inner = cause.cause instanceof Error ? cause.cause : cause
  const code = 'code' in inner && typeof inner.code === 'string' ? inner.code : ''
  return inner.message === '' ? code || inner.name : inner.message
}

/** 408, 425, 429 and 5xx may pass; the rest of 4xx does not, nor does what the server cannot do at all (501, 505). */
function failure({ status, headers }: Response, what: string, text: string): PassingFailure | MlflowRefusal {
  const { code, message } = errorBody(text)
  const said = `${what}: HTTP ${status} ${code}: ${message}`.replace(/\s+/g, ' ').trimEnd().slice(0, SHOWN_LENGTH)
  const passing = [408, 425, 429].includes(status) || (status >= 500 && ![501, 505].includes(status))
  if (!passing) return new MlflowRefusal(said, status, code)
  const seconds = Number(headers.get('retry-after') ?? 'none')
  return new PassingFailure(said, { retryAfter: Number.isFinite(seconds) ? seconds * 1000 : undefined })
}

function errorBody(text: string): { code: string; message: string } {
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null) {
      const { error_code: code, message } = body as Record<string, unknown>
      return { code: typeof code === 'string' ? code : '', message: typeof message === 'string' ? message : '' }
    }
  } catch {
    // Not JSON: the text itself is shown.
  }
  return { code: '', message: text }
}
