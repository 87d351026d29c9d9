import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import type { MlflowServer } from './mlflow/client.ts'

/** A system that runs are recorded in. */
export type SystemName = 'mlflow' | 'wandb'

/** Where and how runs are recorded. */
export interface TrackingConfiguration {
  readonly systems: readonly SystemName[]
  readonly mlflow:
    { readonly kind: 'server'; readonly server: MlflowServer } | { readonly kind: 'files'; readonly folder: string }
  /** MLFLOW_EXPERIMENT_NAME; undefined is each job's own. */
  readonly experiment: string | undefined
  readonly wandb: {
    readonly mode: 'online' | 'offline' | 'disabled'
    readonly project: string
    readonly entity: string | undefined
    readonly apiKey: string | undefined
    readonly baseUrl: string | undefined
    /** Holds the folder `wandb`. */
    readonly folder: string
  }
  /** How long a run may wait for servers in all, ms, 0 or more. */
  readonly deadline: number
  /** What must appear nowhere. */
  readonly secrets: readonly string[]
}

/** Where the settings come from. */
export interface ConfigurationSources {
  /** The systems to record in; the settings of others are not looked at. */
  readonly systems: readonly SystemName[]
  /** The environment of the process. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The working folder: holds `.env` and `wandb.txt`, and relative paths start there. */
  readonly cwd: string
  /** Where runs are recorded by default. */
  readonly folder: string
  /** Seconds that a run may wait for servers; goes before BREAKWATER_TRACKING_DEADLINE. */
  readonly deadline?: number | undefined
}

/** The credentials that W&B was given are missing or no good. */
export class WandbAuthError extends Error {
  override readonly name = 'WandbAuthError'
  constructor(problem: string) {
    super(
      `tracking: W&B auth failure: ${problem}. Set WANDB_API_KEY (or put the key alone into wandb.txt), or set WANDB_MODE=offline.`,
    )
  }
}

const MODES = ['online', 'offline', 'disabled'] as const
const KEY_LENGTH = 40

/** Seconds. */
const DEFAULT_DEADLINE = 30
const LONGEST_DEADLINE = 86_400

type Get = (name: string) => string | undefined

const NOTHING: Get = () => undefined

/**
 * The tracking settings. The environment goes before `.env`, and that before `wandb.txt` (the API key alone) and the
 * defaults; empty values count as not set. Without any, both systems record on disk. With an API key and no WANDB_MODE,
 * W&B is online. Throws where a value cannot be used; WANDB_MODE=online without a usable key is a {@link WandbAuthError}.
 */
export function readConfiguration({
  systems,
  env,
  cwd,
  folder,
  deadline,
}: ConfigurationSources): TrackingConfiguration {
  const dotenv = readDotenv(join(cwd, '.env'))
  const get: Get = (name) =>
    [env[name], dotenv[name]].map((value) => value?.trim()).find((value) => value !== undefined && value !== '')
  const mlflow = mlflowSettings(systems.includes('mlflow') ? get : NOTHING, cwd, folder)
  const withWandb = systems.includes('wandb')
  const key = withWandb ? (get('WANDB_API_KEY') ?? keyFile(join(cwd, 'wandb.txt'))) : undefined
  const wandb = wandbSettings(withWandb ? get : NOTHING, key, cwd, folder)
  const names = ['MLFLOW_TRACKING_PASSWORD', 'MLFLOW_TRACKING_TOKEN', 'WANDB_API_KEY']
  const given = names.flatMap((name) => [env[name]?.trim(), dotenv[name]?.trim()])
  const credentials = mlflow.kind === 'server' ? mlflow.server.credentials : undefined
  // A header holds user and password together in base64, which has neither in it.
  const pair =
    credentials !== undefined && 'password' in credentials
      ? [credentials.password, `${credentials.username}:${credentials.password}`]
      : []
  const secrets = [
    ...given,
    ...pair,
    wandb.apiKey,
    wandb.apiKey === undefined ? undefined : `api:${wandb.apiKey}`,
  ].filter((value): value is string => value !== undefined && value !== '')
  return {
    systems,
    mlflow,
    experiment: get('MLFLOW_EXPERIMENT_NAME'),
    wandb,
    deadline: 1000 * (deadline ?? deadlineIn(get('BREAKWATER_TRACKING_DEADLINE'))),
    secrets: [...new Set(secrets)],
  }
}

function deadlineIn(text: string | undefined): number {
  if (text === undefined) return DEFAULT_DEADLINE
  const seconds = Number(text)
  if (seconds >= 0 && seconds <= LONGEST_DEADLINE) return seconds
  throw new RangeError(
    `tracking: BREAKWATER_TRACKING_DEADLINE=${text}: must be seconds from 0 to ${LONGEST_DEADLINE}. Correct it, or unset it.`,
  )
}

function readDotenv(path: string): NodeJS.Dict<string> {
  return existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {}
}

function mlflowSettings(get: Get, cwd: string, folder: string): TrackingConfiguration['mlflow'] {
  const uri = get('MLFLOW_TRACKING_URI')
  if (uri === undefined) return { kind: 'files', folder: join(folder, 'mlruns') }
  if (/^https?:/i.test(uri)) return { kind: 'server', server: serverOf(uri, get) }
  if (/^file:/i.test(uri)) return { kind: 'files', folder: fileURLToPath(uri) }
  const scheme = /^(?<scheme>[a-z][\w+.-]+):/i.exec(uri)?.groups?.['scheme']
  if (scheme === undefined) return { kind: 'files', folder: resolve(cwd, uri) }
  throw new RangeError(
    `tracking: MLFLOW_TRACKING_URI of scheme ${scheme}: only a server (http, https) or a folder can be recorded to. ` +
      `Start one with \`mlflow server --backend-store-uri ${scheme}:...\` and give its address.`,
  )
}

function serverOf(text: string, get: Get): MlflowServer {
  if (!URL.canParse(text))
    throw new RangeError('tracking: MLFLOW_TRACKING_URI: not a URL. Write it as http://host:port.')
  const url = new URL(text)
  const username = decodeURIComponent(url.username) || get('MLFLOW_TRACKING_USERNAME')
  const password = decodeURIComponent(url.password) || get('MLFLOW_TRACKING_PASSWORD')
  const token = get('MLFLOW_TRACKING_TOKEN')
  const uri = `${url.origin}${url.pathname}`.replace(/\/+$/, '')
  if (username !== undefined && password !== undefined) return { uri, credentials: { username, password } }
  return token === undefined ? { uri } : { uri, credentials: { token } }
}

function wandbSettings(
  get: Get,
  apiKey: string | undefined,
  cwd: string,
  folder: string,
): TrackingConfiguration['wandb'] {
  const asked = get('WANDB_MODE')
  const mode = MODES.find((each) => each === asked) ?? (apiKey === undefined ? 'offline' : 'online')
  if (asked !== undefined && mode !== asked) {
    throw new RangeError(`tracking: WANDB_MODE=${asked}: must be one of ${MODES.join(', ')}. Correct it, or unset it.`)
  }
  const usable = apiKey !== undefined && apiKey.length >= KEY_LENGTH && !/\s/.test(apiKey)
  if (mode === 'online' && !usable) {
    throw new WandbAuthError(
      apiKey === undefined
        ? 'W&B is to be online, and there is no API key'
        : `the API key is not one: keys are at least ${KEY_LENGTH} characters without spaces`,
    )
  }
  const place = get('WANDB_DIR')
  return {
    mode,
    project: get('WANDB_PROJECT') ?? 'spymaster',
    entity: get('WANDB_ENTITY'),
    apiKey: mode === 'online' ? apiKey : undefined,
    baseUrl: get('WANDB_BASE_URL'),
    folder: place === undefined ? folder : resolve(cwd, place),
  }
}

function keyFile(path: string): string | undefined {
  const key = existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
  return key === '' ? undefined : key
}
