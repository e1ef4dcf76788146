import { resolve } from 'node:path'
import { become, test } from './fixtures.ts'
import { pages } from './pages.ts'

// Not a test: makes pictures of every page in target/screenshots.
const folder = resolve(import.meta.dirname, '../../target/screenshots')
test.use({ expected: /./ })

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1440, 390]) {
    test(`${colorScheme}, ${width} pixels`, async ({ browser, server }) => {
      const context = await browser.newContext({
        baseURL: server.url,
        colorScheme,
        viewport: { width, height: width > 1000 ? 900 : 844 },
      })
      const page = await context.newPage()
      let signedIn = false
      for (const [name, path, needs] of pages) {
        if (needs && !signedIn) {
          await become(page, 'admin')
          signedIn = true
        }
        await page.goto(path, { waitUntil: 'networkidle' })
        await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png`, fullPage: true })
      }
      await context.close()
    })
  }
}
