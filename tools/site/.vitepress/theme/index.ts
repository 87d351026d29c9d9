import type { Theme } from 'vitepress'
import { useData } from 'vitepress'
import DefaultTheme from 'vitepress/theme'
import { type Component, defineComponent, h, onMounted, ref } from 'vue'

/** Below the text of a page whose front matter says `playground: true`: the playground, loaded when somebody opens it. */
const Playground: Component = defineComponent({
  name: 'Playground',
  setup() {
    const place = ref<HTMLElement>()
    onMounted(async () => {
      const { openPlayground } = await import('../../playground/playground.ts')
      if (place.value !== undefined) openPlayground(place.value)
    })
    return () => h('div', { ref: place, class: 'playground' })
  },
})

const theme: Theme = {
  extends: DefaultTheme,
  Layout: () => {
    const { frontmatter } = useData()
    return h(DefaultTheme.Layout, null, {
      'doc-footer-before': () => (frontmatter.value['playground'] === true ? h(Playground) : null),
    })
  },
}

export default theme
