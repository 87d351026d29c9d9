import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { root } from './this-repository.ts'

/** Licences of SPDX that ask for no more than a notice. */
const ALLOWED = new Set([
  'MIT',
  'Apache-2.0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Unlicense',
  'BlueOak-1.0.0',
])
const SHIPPED = ['-r', '--filter=./packages/*', '--filter=./apps/*']

interface Licensed {
  readonly name: string
  readonly versions: readonly string[]
}

function pnpm(...args: readonly string[]): string {
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26, shell: process.platform === 'win32' } as const
  const { status, stdout, stderr } = spawnSync('pnpm', [...SHIPPED, ...args], options)
  if (status !== 0) throw new Error(`pnpm ${args.join(' ')}: ${stderr}`)
  return stdout
}

const licences = (): Readonly<Record<string, readonly Licensed[]>> =>
  JSON.parse(pnpm('licenses', 'list', '--prod', '--json')) as Readonly<Record<string, readonly Licensed[]>>

/** Whether an expression of SPDX can be met with what is allowed: one side of each OR, both of each AND. */
const isAllowed = (expression: string): boolean =>
  expression
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((side) => side.split(' AND ').every((licence) => ALLOWED.has(licence.trim())))

test('expressions are read as they are meant', () => {
  expect(['MIT', '(MIT OR GPL-3.0)', '(Apache-2.0 AND BSD-3-Clause)'].every(isAllowed)).toBe(true)
  expect(['GPL-3.0', '(MIT AND GPL-3.0)', 'Unknown', ''].some(isAllowed)).toBe(false)
})

test('the packages that are shipped with ours have licences that are allowed', () => {
  const found = licences()
  expect(Object.values(found).flat().length).toBeGreaterThan(20)
  const refused = Object.entries(found).filter(([expression]) => !isAllowed(expression))
  expect(refused.map(([expression, of]) => `${expression}: ${of.map(({ name }) => name).join(', ')}`)).toEqual([])
})

test('the list of materials is a CycloneDX document of all of them', () => {
  const text = pnpm('sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--prod', '--offline')
  const { bomFormat, components } = JSON.parse(text) as {
    readonly bomFormat: string
    readonly components: readonly { readonly purl: string; readonly licenses?: readonly unknown[] }[]
  }
  expect(bomFormat).toBe('CycloneDX')
  const listed = new Set(components.map(({ purl }) => decodeURIComponent(purl)))
  const installed = Object.values(licences()).flat()
  const lacking = installed.flatMap(({ name, versions }) =>
    versions.map((version) => `pkg:npm/${name}@${version}`).filter((purl) => !listed.has(purl)),
  )
  expect(lacking).toEqual([])
})

test('installs take no new, no exotic and no less trusted version', () => {
  const settings = parse(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')) as Readonly<Record<string, unknown>>
  expect(settings).toMatchObject({
    minimumReleaseAgeStrict: true,
    trustPolicy: 'no-downgrade',
    blockExoticSubdeps: true,
    strictDepBuilds: true,
  })
  expect(settings['minimumReleaseAge']).toBeGreaterThanOrEqual(7 * 24 * 60)
})
