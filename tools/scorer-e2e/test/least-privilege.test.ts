import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { followLines, type NatsServer, startNatsServer } from '@breakwater/nats'
import { connect } from '@nats-io/transport-node'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { ROOT } from './run.ts'
import { nats, stopped, warmSnapshots, withoutBus } from './serving.ts'

const folder = inject('models')
const DOCKERFILE = readFileSync(join(ROOT, 'apps', 'scorer', 'Dockerfile'), 'utf8')
const EXAMPLE = join(ROOT, 'examples', 'core-service')
/** A file that every user may read. */
const OUTSIDE = '/etc/hosts'

/** The command line of the container, over this workspace in the place of its program and these models in theirs. */
function ofContainer(): string[] {
  const [, json = ''] = /^ENTRYPOINT (\[.*\])$/m.exec(DOCKERFILE) ?? []
  const [node, ...args] = JSON.parse(json) as string[]
  expect(node).toBe('node')
  return args.flatMap((arg) => {
    if (arg === '/app/dist/main.js') return ['--conditions=@breakwater/source', join(ROOT, 'apps/scorer/src/main.ts')]
    return [arg.replace('=/app', `=${ROOT}`).replace('=/models', `=${folder}/`)]
  })
}

/** The command line of the example, which may read the models as well: here they lie outside the repository. */
function ofExample(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(EXAMPLE, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  const [node, permission = '', ...args] = (scripts['serve'] ?? '').split(' ')
  expect([node, permission, args.pop()]).toEqual(['node', '--permission', 'serve'])
  return [permission, `--allow-fs-read=${folder}/`, ...args]
}

const COMMANDS: readonly (readonly [string, () => string[]])[] = [
  ['the container', ofContainer],
  ['the example', ofExample],
]
const MODELS = ['--model-dir', join(folder, 'boosted_trees'), '--retrieval-index', folder, '--physics', 'all']
const QUIET = ['--max-age-ms', '0', '--max-ahead-ms', '0', '--http-port', '0', '--reload-seconds', '1']

function start(command: readonly string[], more: readonly string[]) {
  const child = spawn(process.execPath, [...command, 'serve', ...MODELS, ...QUIET, ...more], {
    cwd: EXAMPLE,
    env: { ...process.env, VIEWPORT_SCORING_ENABLED: 'true' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  const lines = followLines(child.stderr, ended, (pattern) => new Error(`ended before it said ${String(pattern)}`))
  return { child, ended, lines }
}

describe.each(COMMANDS)('`scorer serve` with the permissions of %s', (_, command) => {
  let server: NatsServer | undefined
  let running: ReturnType<typeof start> | undefined
  afterEach(async () => {
    running?.child.kill('SIGTERM')
    await running?.ended
    await stopped(server)
    running = server = undefined
  })

  test.skipIf(withoutBus)('loads its models, scores, reads them again, and ends in order', async () => {
    server = await startNatsServer({ path: nats.path ?? 'nats-server' })
    running = start(command(), ['--nats', server.url])
    await running.lines.said(/joined the bus/)
    const client = await connect({ servers: server.url })
    const [snapshot] = await warmSnapshots(folder, 1)
    const ask = async (): Promise<unknown> =>
      (await client.request('viewport.score', JSON.stringify(snapshot), { timeout: 60_000 })).json()
    expect(await ask()).toMatchObject({ viewport: { error: null } })
    running.child.kill('SIGHUP')
    expect(await ask()).toMatchObject({ ts: snapshot?.ts })
    running.child.kill('SIGTERM')
    expect(await running.ended).toBe(0)
    expect(running.lines.past.filter((line) => /ACCESS_DENIED|refused/.test(line))).toEqual([])
    await client.close()
  })

  // The published package holds the page's script; the sources make it with a compiler, which is a program of its own.
  test.skipIf(withoutBus)('serves the page, from sources with one more permission', async () => {
    server = await startNatsServer({ path: nats.path ?? 'nats-server' })
    running = start(['--allow-child-process', ...command()], ['--nats', server.url, '--ui'])
    const { url } = JSON.parse(await running.lines.said(/"serving HTTP"/)) as { readonly url: string }
    expect(await (await fetch(`${url}/`)).text()).toContain('<html')
    await running.lines.said(/joined the bus/)
    running.child.kill('SIGTERM')
    expect(await running.ended).toBe(0)
    expect(running.lines.past.filter((line) => /ACCESS_DENIED|refused/.test(line))).toEqual([])
  })

  test('is refused a file outside', async () => {
    const { ended, lines } = start(command(), ['--creds', OUTSIDE])
    expect(await ended).toBe(1)
    expect(lines.past.join('\n')).toMatch(/Access to this API has been restricted\. Use --allow-fs-read/)
  })

  test('is refused native add-ons, which bars from files need', async () => {
    const { ended, lines } = start(command(), ['--bars', join(folder, 'bars.parquet')])
    expect(await ended).toBe(1)
    expect(lines.past.join('\n')).toContain('Cannot load native addon because loading addons is disabled')
  })

  test.each([
    ['reading', `fs.readFileSync('${OUTSIDE}')`, 'ERR_ACCESS_DENIED'],
    ['writing', `fs.writeFileSync(${JSON.stringify(join(folder, 'x'))}, '')`, 'ERR_ACCESS_DENIED'],
    ['another program', `child_process.spawnSync('true')`, 'ERR_ACCESS_DENIED'],
    ['a thread', `new worker_threads.Worker('', { eval: true })`, 'ERR_ACCESS_DENIED'],
    ['an add-on', `process.dlopen({ exports: {} }, 'x.node')`, 'ERR_DLOPEN_DISABLED'],
  ])('any code is refused %s', (_name, code, refusal) => {
    const flags = command().filter((arg) => /^--(?:permission|allow)/.test(arg))
    const { status, stderr } = spawnSync(process.execPath, [...flags, '-e', code], { cwd: EXAMPLE, encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toContain(refusal)
  })
})

/** The flags of a command that give permissions, without what they are for. */
const permissionsIn = (command: readonly string[]): string[] => {
  const flags = command.filter((arg) => /^--(?:permission|allow)/.test(arg))
  return [...new Set(flags.map((flag) => flag.replace(/=.*/, '')))]
}

test('the example has the permissions of the container and no other', () => {
  expect(permissionsIn(ofExample())).toEqual(['--permission', '--allow-fs-read'])
  expect(permissionsIn(ofContainer())).toEqual(permissionsIn(ofExample()))
})

test('the container runs an exact version of Node, as a user who owns nothing in it', () => {
  const images = [...DOCKERFILE.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)
  const { config } = JSON.parse(readFileSync(join(ROOT, 'tools', 'toolchain', 'package.json'), 'utf8')) as {
    readonly config: { readonly node: string }
  }
  expect(new Set(images)).toEqual(new Set([`node:${config.node}-bookworm-slim`]))
  const last = DOCKERFILE.slice(DOCKERFILE.lastIndexOf('FROM '))
  expect(last).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m)
  expect(last).toMatch(/^COPY --from=build \/app \/app$/m)
})
