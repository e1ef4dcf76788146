import { become, expect, expectNoViolations, expectToFit, range, test } from './fixtures.ts'

// The URLs of these pages contain handles of the store, so they are not in the list of pages.
for (const kind of ['numbers', 'users'] as const) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${kind}, ${colorScheme}`, () => {
      test.use({ colorScheme })

      test('no violations, and nothing overflows at 360 pixels', async ({ page }) => {
        await become(page, 'admin')
        await page.goto(`/sign-ins?${range}&outcome=blocked`)
        const href = await page.locator(`td a[href^="/${kind}/"]`).first().getAttribute('href')
        await page.goto(`${href}?${range}`)
        await expect(page.locator('h1')).toHaveCount(1)
        await expectNoViolations(page)
        await page.setViewportSize({ width: 360, height: 740 })
        await expectToFit(page)
      })
    })
  }
}
