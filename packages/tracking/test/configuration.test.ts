import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfiguration, WandbAuthError } from '@breakwater/tracking/node'
import type { TrackingConfiguration } from '@breakwater/tracking/node'
import { expect, test } from 'vitest'
import { temporaryFolder } from './temporary.ts'

const KEY = 'a'.repeat(40)
const OTHER = 'b'.repeat(40)

function read(
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): TrackingConfiguration {
  const cwd = temporaryFolder()
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
  return readConfiguration({ systems: ['mlflow', 'wandb'], env, cwd, folder: '/runs' })
}

test('nothing set: both systems record on disk, under the documented names', () => {
  expect(read({})).toEqual({
    systems: ['mlflow', 'wandb'],
    deadline: 30_000,
    mlflow: { kind: 'files', folder: join('/runs', 'mlruns') },
    experiment: undefined,
    wandb: {
      mode: 'offline',
      project: 'spymaster',
      entity: undefined,
      apiKey: undefined,
      baseUrl: undefined,
      folder: '/runs',
    },
    secrets: [],
  })
})

test('the environment goes before .env, .env before wandb.txt, and empty values count as not set', () => {
  const files = {
    '.env': `WANDB_PROJECT=from-file\nWANDB_API_KEY="${OTHER}"\nMLFLOW_EXPERIMENT_NAME=e # why\n`,
    'wandb.txt': `${'c'.repeat(40)}\n`,
  }
  expect(read({ WANDB_PROJECT: 'from-env', WANDB_API_KEY: KEY }, files).wandb).toMatchObject({
    project: 'from-env',
    apiKey: KEY,
  })
  expect(read({ WANDB_PROJECT: '', WANDB_API_KEY: ' ' }, files)).toMatchObject({
    experiment: 'e',
    wandb: { project: 'from-file', apiKey: OTHER, mode: 'online' },
  })
  expect(read({}, { 'wandb.txt': `${KEY}\n` }).wandb).toMatchObject({ apiKey: KEY, mode: 'online' })
})

test('WANDB_MODE=offline always works, whatever the key', () => {
  for (const key of ['', 'short', KEY]) {
    expect(read({ WANDB_MODE: 'offline', WANDB_API_KEY: key }).wandb).toMatchObject({
      mode: 'offline',
      apiKey: undefined,
    })
  }
  expect(read({ WANDB_MODE: 'disabled' }).wandb.mode).toBe('disabled')
})

test('online without a usable key is the W&B auth failure with its fix', () => {
  const fix = 'Set WANDB_API_KEY (or put the key alone into wandb.txt), or set WANDB_MODE=offline.'
  expect(() => read({ WANDB_MODE: 'online' })).toThrow(
    new WandbAuthError('W&B is to be online, and there is no API key'),
  )
  expect(() => read({ WANDB_MODE: 'online' })).toThrow(fix)
  const short = 'sekret-but-short'
  expect(() => read({ WANDB_API_KEY: short })).toThrow(/W&B auth failure: the API key is not one/)
  expect(() => read({ WANDB_API_KEY: short })).not.toThrow(short)
})

test('an MLflow server, with its credentials out of the address', () => {
  expect(read({ MLFLOW_TRACKING_URI: 'http://127.0.0.1:5000/' }).mlflow).toEqual({
    kind: 'server',
    server: { uri: 'http://127.0.0.1:5000' },
  })
  expect(read({ MLFLOW_TRACKING_URI: 'https://ann:p%40ss@host/base' })).toMatchObject({
    mlflow: { server: { uri: 'https://host/base', credentials: { username: 'ann', password: 'p@ss' } } },
    secrets: ['p@ss', 'ann:p@ss'],
  })
  const both = { MLFLOW_TRACKING_URI: 'http://h', MLFLOW_TRACKING_TOKEN: 'token-1' }
  expect(read(both).mlflow).toMatchObject({ server: { credentials: { token: 'token-1' } } })
  expect(read({ ...both, MLFLOW_TRACKING_USERNAME: 'u', MLFLOW_TRACKING_PASSWORD: 'word' })).toMatchObject({
    mlflow: { server: { credentials: { username: 'u', password: 'word' } } },
    secrets: ['word', 'token-1', 'u:word'],
  })
})

test('a folder as MLflow address, relative to the working folder, or as file URL', () => {
  const cwd = temporaryFolder()
  const folderOf = (uri: string): unknown =>
    readConfiguration({ systems: ['mlflow'], env: { MLFLOW_TRACKING_URI: uri }, cwd, folder: 'x' }).mlflow
  expect(folderOf('my runs')).toEqual({ kind: 'files', folder: join(cwd, 'my runs') })
  expect(folderOf('file:///data/mlruns')).toEqual({ kind: 'files', folder: join('/data', 'mlruns') })
})

test('what cannot be used is an error that says what can', () => {
  expect(() => read({ MLFLOW_TRACKING_URI: 'sqlite:///mlflow.db' })).toThrow(
    'MLFLOW_TRACKING_URI of scheme sqlite: only a server (http, https) or a folder can be recorded to. Start one with `mlflow server --backend-store-uri sqlite:...`',
  )
  expect(() => read({ MLFLOW_TRACKING_URI: 'http://' })).toThrow('MLFLOW_TRACKING_URI: not a URL')
  expect(() => read({ WANDB_MODE: 'dryrun' })).toThrow('WANDB_MODE=dryrun: must be one of online, offline, disabled')
})

test('the settings of a system that is not recorded in stop nothing', () => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'wandb.txt'), 'no key')
  const env = { WANDB_MODE: 'online', MLFLOW_TRACKING_URI: 'sqlite:///x' }
  expect(readConfiguration({ systems: [], env, cwd, folder: 'x' })).toMatchObject({ wandb: { mode: 'offline' } })
  const mlflow = { ...env, MLFLOW_TRACKING_URI: 'http://h' }
  expect(readConfiguration({ systems: ['mlflow'], env: mlflow, cwd, folder: 'x' }).mlflow.kind).toBe('server')
  expect(() => readConfiguration({ systems: ['wandb'], env, cwd, folder: 'x' })).toThrow('W&B auth failure')
})

const waits = (env: Readonly<Record<string, string>>, deadline?: number): number =>
  readConfiguration({ systems: ['mlflow'], env, cwd: '.', folder: '.', deadline }).deadline

test('a run waits for servers as long as the option, or else the environment, says in seconds', () => {
  expect(waits({ BREAKWATER_TRACKING_DEADLINE: '2.5' })).toBe(2500)
  expect(waits({ BREAKWATER_TRACKING_DEADLINE: '2.5' }, 0)).toBe(0)
  for (const text of ['soon', '-1', '86401', 'Infinity']) {
    expect(() => waits({ BREAKWATER_TRACKING_DEADLINE: text })).toThrow(
      `tracking: BREAKWATER_TRACKING_DEADLINE=${text}: must be seconds from 0 to 86400. Correct it, or unset it.`,
    )
  }
})
