import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { root } from './this-repository.ts'

/** Images cannot be built or pulled where these tests run: their files are held to rules instead. */
const filesOf = (pattern: string): readonly string[] =>
  globSync(pattern, { cwd: root, exclude: (name) => name.includes('node_modules') }).toSorted()

interface Instruction {
  readonly name: string
  readonly rest: string
}

/** The instructions of a Dockerfile, continued lines joined. */
function instructionsOf(file: string): Instruction[] {
  const text = readFileSync(join(root, file), 'utf8')
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
      return { name, rest: rest.trim() }
    })
}

const NODE = (
  JSON.parse(readFileSync(join(root, 'tools', 'toolchain', 'package.json'), 'utf8')) as {
    readonly config: { readonly node: string }
  }
).config.node
/** Every name that an image's instructions may have here; others, such as ADD, are better said otherwise. */
const KNOWN = new Set(['FROM', 'WORKDIR', 'COPY', 'ENV', 'RUN', 'USER', 'EXPOSE', 'ENTRYPOINT', 'CMD'])

describe.each(filesOf('{apps,examples}/*/Dockerfile'))('%s', (file) => {
  const all = instructionsOf(file)
  const of = (name: string): string[] => all.filter((one) => one.name === name).map(({ rest }) => rest)
  const last = all.slice(all.findLastIndex(({ name }) => name === 'FROM'))

  test('holds known instructions, begins with the image of the pinned Node, and works in absolute folders', () => {
    expect(all.filter(({ name }) => !KNOWN.has(name))).toEqual([])
    expect(new Set(of('FROM').map((image) => image.split(' ')[0]))).toEqual(new Set([`node:${NODE}-bookworm-slim`]))
    expect(of('WORKDIR').filter((path) => !path.startsWith('/'))).toEqual([])
  })

  test('runs its program without a shell, as a user who is not root and owns no file of it', () => {
    for (const command of [...of('ENTRYPOINT'), ...of('CMD')]) expect(JSON.parse(command)).toBeInstanceOf(Array)
    const names = last.map(({ name }) => name)
    expect(names.filter((name) => name === 'USER')).toEqual(['USER'])
    expect(last.find(({ name }) => name === 'USER')?.rest).toMatch(/^[1-9]\d*:[1-9]\d*$/)
    // What is copied or made before that line is root's.
    expect(names.lastIndexOf('USER')).toBeGreaterThan(Math.max(names.lastIndexOf('COPY'), names.lastIndexOf('RUN')))
    expect(of('COPY').filter((rest) => rest.includes('--chown'))).toEqual([])
  })
})

const isOurs = (image: string): boolean => image.startsWith('breakwater-')

interface Compose {
  readonly services: Readonly<
    Record<string, { readonly image: string; readonly command: readonly string[]; readonly ports?: readonly string[] }>
  >
}

describe.each(filesOf('examples/*/compose.yaml'))('%s', (file) => {
  const { services } = parse(readFileSync(join(root, file), 'utf8')) as Compose

  const images = Object.values(services).map(({ image }) => image)

  test('names a version of every image that is pulled, and builds the others from a file that is here', () => {
    const text = readFileSync(join(root, file), 'utf8')
    const built = images.filter(isOurs).map((image) => {
      const [, path = ''] = new RegExp(`docker build --tag ${image} --file (\\S+)`).exec(text) ?? []
      return [image, path !== '' && existsSync(join(root, path))]
    })
    expect(built.filter(([, isHere]) => isHere !== true)).toEqual([])
    expect(images.filter((image) => !isOurs(image) && !/:\d+\.\d+/.test(image))).toEqual([])
  })

  test('opens ports to this machine alone, and gives commands as lists', () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? [])
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
    expect(Object.values(services).filter(({ command }) => !Array.isArray(command))).toEqual([])
  })
})
