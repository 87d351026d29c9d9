import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { createServer as createHttpServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, expect, test } from 'vitest'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const root = mkdtempSync(join(tmpdir(), 'breakwater-cli-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const emptyFolder = (): string => mkdtempSync(join(root, 'run-'))

interface Result {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

async function run(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Result> {
  const child = spawn(process.execPath, ['--conditions=@breakwater/source', main, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, out, err }
}

/** The port of a server that listens on this machine. */
async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

test('one name has the commands of both programs', async () => {
  const folder = emptyFolder()
  const { out } = await run(folder, ['--help'])
  for (const name of ['train', 'evaluate', 'serve', 'replay', 'init', 'doctor']) expect(out).toContain(`\n  ${name} `)
  expect((await run(folder, ['train', '--help'])).out).toMatch(/^Usage: breakwater train /)
})

test('a command that is not there is named, with the nearest one', async () => {
  const { code, err } = await run(emptyFolder(), ['trian'])
  expect(code).toBe(2)
  expect(err).toContain("unknown command 'trian'")
  expect(err).toContain('Did you mean train?')
})

test('init writes a config that doctor finds fit, once', async () => {
  const folder = emptyFolder()
  expect((await run(folder, ['init'])).out).toBe(
    'breakwater.yaml is written, with every option as a comment.\nNext: breakwater check --bars <file>, or breakwater demo\n',
  )
  const again = await run(folder, ['init'])
  expect(again.code).toBe(1)
  expect(again.err).toContain('breakwater.yaml: exists already. Give --force to replace it')
  const { code, out } = await run(folder, ['doctor'])
  expect(code).toBe(0)
  expect(out).toContain('breakwater.yaml fits its commands')
  expect(out).toMatch(/\n\nNext: breakwater check --bars <file>, or breakwater demo\n$/)
  // It is a dependency of this workspace, wherever the doctor is run.
  expect(out).toMatch(/^ok +PatchTST +onnxruntime-node is installed$/m)
  // Every comment that names a value becomes an option of its command.
  const template = readFileSync(join(folder, 'breakwater.yaml'), 'utf8')
  expect(template).toContain('\nserve:\n')
  expect(template).toContain('  # rounds: 300\n')
})

test('the schema of the config is a valid JSON Schema that knows the commands', async () => {
  const { out } = await run(emptyFolder(), ['init', '--print-schema'])
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(JSON.parse(out) as object)
  expect(validate({ train: { stage: 'stage_a', folds: 4 }, serve: { ui: true } })).toBe(true)
  expect(validate({ train: { stage: 'stage_z' } })).toBe(false)
  expect(validate({ trian: {} })).toBe(false)
})

test('the config reaches a command, and flags win over it', async () => {
  const folder = emptyFolder()
  writeFileSync(join(folder, 'breakwater.yaml'), 'check:\n  bars: [absent.csv]\n')
  expect((await run(folder, ['check', '--bars', 'other.csv'])).err).toContain('other.csv')
  writeFileSync(join(folder, 'breakwater.yaml'), 'check:\n  brs: x\n')
  expect((await run(folder, ['check'])).err).toContain('breakwater.yaml: check: brs: no such option')
})

test('the doctor fails on what would stop a command, and says what to do', async () => {
  const folder = emptyFolder()
  mkdirSync(join(folder, 'data/ml/signals'), { recursive: true })
  writeFileSync(join(folder, 'data/ml/signals/signals.parquet'), 'PAR1, but cut short')
  writeFileSync(join(folder, 'breakwater.yaml'), 'trian:\n  rounds: 1\n')
  const { code, out } = await run(folder, ['doctor', '--json'])
  expect(code).toBe(1)
  const failed = (JSON.parse(out) as { name: string; status: string; text: string; fix?: string }[]).filter(
    ({ status }) => status === 'fail',
  )
  expect(failed).toMatchObject([
    { name: 'config', text: 'breakwater.yaml: trian: no such command' },
    { name: 'signals', fix: 'Make them again with breakwater signals.' },
  ])
  expect((await run(folder, ['doctor'])).out).toMatch(
    /\n\nNext: do what it says under each FAIL, then run breakwater doctor\n$/,
  )
})

test('the doctor tells a server that answers from one that does not', async () => {
  const nats = createServer((socket) => socket.end('INFO {}\r\n'))
  const mlflow = createHttpServer((request, response) => {
    response.statusCode = request.url === '/health' ? 200 : 404
    response.end('OK')
  })
  const [natsPort, mlflowPort] = [await portOf(nats), await portOf(mlflow)]
  const env = { MLFLOW_TRACKING_URI: `http://127.0.0.1:${mlflowPort}` }
  const folder = emptyFolder()
  const up = await run(folder, ['doctor', '--nats', `nats://127.0.0.1:${natsPort}`], env)
  nats.close()
  mlflow.close()
  const down = await run(folder, ['doctor', '--nats', `nats://127.0.0.1:${natsPort}`], env)
  expect(up.out).toContain(`ok    NATS      nats://127.0.0.1:${natsPort} answers`)
  expect(up.out).toContain(`ok    MLflow    http://127.0.0.1:${mlflowPort} answers`)
  expect(down.code).toBe(0)
  expect(down.out).toContain('warn  NATS')
  expect(down.out).toContain('warn  MLflow')
})

test('the shell completes commands and their options', async () => {
  const folder = emptyFolder()
  expect((await run(folder, ['complete', '--', 'repl'])).out).toContain('replay\t')
  expect((await run(folder, ['complete', '--', 'train', '--early'])).out).toContain('--early-stopping-rounds\t')
  expect((await run(folder, ['complete', 'fish'])).out).toContain('complete -c breakwater')
})
