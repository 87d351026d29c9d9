import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig, type UserConfig } from 'vitepress'

const pages = fileURLToPath(new URL('../.pages', import.meta.url))

const packages = globSync('packages/*/index.md', { cwd: pages })
  .map((file) => file.split(/[/\\]/)[1] ?? '')
  .toSorted()

const config: UserConfig = defineConfig({
  title: 'Breakwater',
  description: 'Boosted trees, retrieval and a law of first passage for touches of price levels',
  srcDir: '.pages',
  outDir: 'dist',
  cacheDir: '.pages/.cache',
  cleanUrls: false,
  head: [
    ['style', {}, readFileSync(new URL('site.css', import.meta.url), 'utf8')],
    // Without one a browser asks for favicon.ico, which is not there.
    ['link', { rel: 'icon', href: 'data:,' }],
  ],
  // Text is Markdown alone: <dir> in a sentence is text, not a tag.
  markdown: { html: false },
  themeConfig: {
    search: {
      provider: 'local',
      options: {
        // Names of functions stand in the package pages; the API pages would make the index five times as large.
        _render: (source, env, md) => (env.relativePath.startsWith('api/') ? '' : md.render(source, env)),
      },
    },
    outline: [2, 3],
    nav: [
      { text: 'Start', link: '/' },
      { text: 'Concepts', link: '/guide/concepts' },
      { text: 'Playground', link: '/guide/playground' },
      { text: 'Commands', link: '/reference/commands' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: [
      {
        text: 'Guide',
        items: [
          { text: 'Start', link: '/' },
          { text: 'Concepts', link: '/guide/concepts' },
          { text: 'Recipes', link: '/guide/recipes' },
          { text: 'Playground', link: '/guide/playground' },
          { text: 'Operations', link: '/docs/operations' },
          { text: 'Monitoring', link: '/docs/monitoring' },
          { text: 'Scale', link: '/docs/scale' },
          { text: 'Reliability', link: '/docs/reliability' },
        ],
      },
      {
        text: 'Background',
        items: [
          { text: 'The law of first passage', link: '/docs/law' },
          { text: 'How a tree is grown', link: '/docs/trees-engine' },
          { text: 'Model card', link: '/docs/model-card' },
          { text: 'Data contract', link: '/docs/data-contract' },
          { text: 'Architecture', link: '/docs/architecture' },
          { text: 'Choices', link: '/docs/choices' },
          { text: 'Benchmarks', link: '/docs/benchmarks' },
        ],
      },
      {
        text: 'Reference',
        items: [
          { text: 'Commands', link: '/reference/commands' },
          { text: 'Columns', link: '/reference/columns' },
          { text: 'Payload', link: '/reference/payload' },
          { text: 'Metrics', link: '/packages/evaluation/#metric-keys' },
          { text: 'Errors', link: '/docs/operations#errors-and-what-to-do' },
          { text: 'API', link: '/api/' },
        ],
      },
      {
        text: 'Packages',
        collapsed: true,
        items: packages.map((name) => ({ text: name, link: `/packages/${name}/` })),
      },
    ],
  },
  vite: {
    publicDir: 'public',
    resolve: { conditions: ['@breakwater/source', 'module', 'browser', 'import', 'default'] },
    build: { chunkSizeWarningLimit: 2000 },
    worker: { format: 'es' },
  },
})

export default config
