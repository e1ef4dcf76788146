import { become, expect, expectNoViolations, expectToFit, test } from './fixtures.ts'
import { pages } from './pages.ts'

test.use({ expected: /status of 4(04|22)/ })

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme })

    for (const [name, path, signedIn] of pages) {
      test(`${name} has no violations and exactly one h1`, async ({ page }) => {
        if (signedIn) await become(page, 'admin')
        await page.goto(path)
        await expect(page.locator('h1')).toHaveCount(1)
        await expectNoViolations(page)
      })
    }
  })
}

test('nothing overflows at 360 pixels', async ({ page }) => {
  // This visits every page, which takes half of a test's usual time limit on two idle processors.
  test.slow()
  await page.setViewportSize({ width: 360, height: 740 })
  await become(page, 'admin')
  for (const [, path] of pages) {
    await page.goto(path)
    await expectToFit(page)
  }
})
