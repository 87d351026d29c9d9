import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findChromium, horizontalOverflow, launchBrowser, openPage } from '@breakwater/browser'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}
const folder = join(root, 'tools', 'site', 'dist')

let build: SpawnSyncReturns<string>

beforeAll(() => {
  const main = join(root, 'tools', 'site', 'src', 'main.ts')
  build = spawnSync(process.execPath, ['--conditions=@breakwater/source', main], { encoding: 'utf8', cwd: root })
}, 1_200_000)

test('the repository builds into a site, and no link leads nowhere', () => {
  // A dead link ends the build with an error.
  expect(build).toMatchObject({ status: 0 })
  expect(Number(/site: (\d+) pages/.exec(build.stdout)?.[1])).toBeGreaterThan(50)
})

const html = (page: string): string => readFileSync(join(folder, page), 'utf8')

test('every package has its page, an API page where it has an index, and every document is there', () => {
  const packages = globSync('packages/*/package.json', { cwd: root }).map((file) => file.split(/[/\\]/)[1] ?? '')
  const withIndex = packages.filter((name) => existsSync(join(root, 'packages', name, 'src', 'index.ts')))
  expect(withIndex.length).toBeGreaterThan(15)
  const wanted = [
    ...packages.map((name) => `packages/${name}/index.html`),
    ...withIndex.map((name) => `api/${name}.html`),
    ...globSync('docs/*.md', { cwd: root }).map((file) => file.replace(/\.md$/, '.html')),
  ]
  expect(wanted.filter((page) => !existsSync(join(folder, page)))).toEqual([])
})

test('the reference names every column, and the commands with their help', () => {
  const columns = html('reference/columns.html')
  const schema = JSON.parse(readFileSync(join(root, 'data', 'features.json'), 'utf8')) as Record<string, object>
  const names = [...Object.keys(schema['columns'] ?? {}), ...Object.keys(schema['moments'] ?? {})]
  expect(names.length).toBeGreaterThan(100)
  expect(names.filter((name) => !columns.includes(`<code>${name}</code>`))).toEqual([])
  const commands = html('reference/commands.html')
  for (const name of ['train', 'evaluate', 'serve', 'replay', 'worker']) expect(commands).toContain(`id="${name}"`)
  expect(commands).toContain('breakwater train --stage')
  expect(html('api/calibration.html')).toContain('brierScore')
})

test('llms.txt lists each page that it names with a sentence', () => {
  const lines = html('llms.txt')
    .split('\n')
    .filter((line) => line.startsWith('- '))
  expect(lines.length).toBeGreaterThan(40)
  const pages = lines.map((line) => /^- \[[^\]]+\]\(\/(.+)\.md\): \S.{8,}[.?]$/.exec(line)?.[1] ?? line)
  expect(pages.filter((page) => !existsSync(join(folder, `${page}.html`)))).toEqual([])
})

const chromium = findChromium()

describe.skipIf(chromium.path === undefined && chromium.maySkip)('in Chromium', () => {
  let browser: Browser
  let server: Server
  let address = ''
  beforeAll(async () => {
    if (chromium.path === undefined) throw new Error(chromium.reason)
    browser = await launchBrowser(chromium.path)
    server = createServer(({ url = '/' }, response) => {
      const file = join(folder, decodeURIComponent(url.endsWith('/') ? `${url}index.html` : url))
      if (!existsSync(file)) {
        response.writeHead(404).end()
        return
      }
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' })
      response.end(readFileSync(file))
    })
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    server.close()
  })

  test.each([
    [1440, 'light'],
    [390, 'dark'],
  ] as const)(
    'pages fit %i px and have no problem, %s',
    async (width, colorScheme) => {
      for (const path of [
        '/',
        '/guide/concepts.html',
        '/reference/columns.html',
        '/docs/law.html',
        '/api/passage.html',
      ]) {
        const opened = await openPage(browser, `${address}${path}`, { width, colorScheme })
        const { problems } = opened
        const overflow = await horizontalOverflow(opened.page)
        expect({ path, problems, overflow }).toEqual({ path, problems: [], overflow: { pixels: 0, elements: [] } })
        await opened.close()
      }
    },
    300_000,
  )

  test('the playground fits a day without isolation and shows a surface that agrees with itself', async () => {
    const { page, problems, close } = await openPage(browser, `${address}/guide/playground.html`, { width: 390 })
    expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(false)
    await page.waitForSelector('.playground .surface td', { timeout: 240_000 })
    const words = (await page.textContent('.playground [role=status]')) ?? ''
    const [law = Number.NaN, base = Number.NaN] = [...words.matchAll(/\b0\.\d{3}/g)].map(([number]) => Number(number))
    expect(law).toBeLessThan(base)
    const cells = await page.$$eval('.playground .surface tr', (rows) =>
      rows.slice(1).map((row) => [...row.querySelectorAll('td')].map((cell) => Number(cell.textContent))),
    )
    expect(cells).toHaveLength(6)
    for (const row of cells) expect(row).toEqual(row.toSorted((a, b) => a - b))
    // $2 is never likelier than $1, and a side never likelier than either.
    const [breakOne = [], eitherOne = [], bounceOne = [], breakTwo = [], eitherTwo = []] = cells
    for (const [i, either] of eitherOne.entries()) {
      expect(breakOne[i]).toBeLessThanOrEqual(either)
      expect(bounceOne[i]).toBeLessThanOrEqual(either)
      expect(eitherTwo[i]).toBeLessThanOrEqual(either)
      expect(breakTwo[i]).toBeLessThanOrEqual(breakOne[i] ?? 0)
    }
    expect(problems).toEqual([])
    await close()
  }, 300_000)
})
