import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { findInterpreter } from '@breakwater/interop'

/** A real server of MLflow on the loopback. */
export interface MlflowProcess {
  readonly uri: string
  readonly stop: () => Promise<void>
}

const TRIES = 240
const BETWEEN_MS = 500

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => {
    server.close(resolve)
  })
  return port
}

const python = (): string => {
  const found = findInterpreter()
  if (found.python === undefined) throw new Error(`interop: ${found.reason}`)
  return found.python
}

/** Starts `mlflow server` over a database and an artifact store in `folder`, and waits until it answers. */
export async function startMlflow(folder: string): Promise<MlflowProcess> {
  const stores = [
    '--backend-store-uri',
    `sqlite:///${folder}/mlflow.db`,
    '--artifacts-destination',
    `${folder}/artifacts`,
  ]
  return start(folder, (port) => [python(), ['-m', 'mlflow', 'server', ...placeOf(port), '--workers', '1', ...stores]])
}

/** Starts `mlflow models serve` on the folder of a model, in this environment. */
export async function serveModel(folder: string): Promise<MlflowProcess> {
  return start(folder, (port) => {
    const args = ['models', 'serve', '--model-uri', folder, '--env-manager', 'local', '--workers', '1']
    return [python(), ['-m', 'mlflow', ...args, ...placeOf(port)]]
  })
}

/** Runs a line that opens MLflow's pages as a person would, on a free port. */
export async function runUiLine(line: string, folder: string): Promise<MlflowProcess> {
  return start(folder, (port) => ['sh', ['-c', `${line} ${placeOf(port).join(' ')}`]])
}

const placeOf = (port: number): string[] => ['--host', '127.0.0.1', '--port', String(port)]

async function start(
  folder: string,
  commandOf: (port: number) => readonly [program: string, args: readonly string[]],
): Promise<MlflowProcess> {
  const port = await freePort()
  const [program, args] = commandOf(port)
  const child = spawn(program, args, {
    cwd: folder,
    env: {
      ...process.env,
      PATH: `${dirname(python())}:${process.env['PATH'] ?? ''}`,
      PYTHONDONTWRITEBYTECODE: '1',
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that its workers end with it.
    detached: true,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const uri = `http://127.0.0.1:${port}`
  try {
    await untilHealthy(uri, child)
  } catch (cause) {
    await stop(child)
    throw new Error(`interop: ${program} ${args.join(' ')} did not start\n${output.slice(-4000)}`, { cause })
  }
  return { uri, stop: () => stop(child) }
}

async function untilHealthy(uri: string, child: ChildProcess): Promise<void> {
  for (let tries = 1; ; tries++) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    try {
      const answer = await fetch(`${uri}/health`)
      if (answer.ok) return
      throw new Error(`HTTP ${answer.status}`)
    } catch (error) {
      if (tries >= TRIES) throw error
    }
    await setTimeout(BETWEEN_MS)
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return
  const ended = new Promise((resolve) => {
    child.once('close', resolve)
  })
  process.kill(-child.pid, 'SIGTERM')
  await ended
}
