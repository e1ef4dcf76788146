import { become, expect, hydrated, range, test, truth } from './fixtures.ts'

const details = `/?tab=details&${range}`

test('typing filters the rows in place, and other tiles stay', async ({ page }) => {
  await become(page, 'admin')
  await page.goto(details)
  await hydrated(page)
  // This would be lost if the page were reloaded.
  await page.evaluate(() => document.body.setAttribute('data-same-page', ''))
  const rows = page.getByRole('region', { name: 'Failed Phone Authentications by flow', exact: true })
  await rows.getByRole('searchbox').pressSequentially('bad rep')
  const blocked = truth.all['failure-reasons']['Phone number has bad reputation, blocking.']
  await expect(rows.locator('[data-shown]')).toContainText(`of ${blocked}`)
  await expect(page).toHaveURL(/flow-failures\.q=bad/)
  await rows.getByRole('columnheader', { name: 'Number' }).getByRole('link').click()
  await expect(rows.getByRole('columnheader', { name: 'Number' })).toHaveAttribute('aria-sort', 'ascending')

  const chart = page.getByRole('region', { name: 'Failed Phone Authentications by IP Address – Time Chart' })
  await chart.getByRole('link', { name: 'Table' }).click()
  await expect(chart.getByRole('table')).toBeVisible()
  await expect(page).toHaveURL(
    /flow-failures\.q=bad.*failures-by-ip\.view=table|failures-by-ip\.view=table.*flow-failures\.q=bad/,
  )
  await expect(page.locator('body')).toHaveAttribute('data-same-page', '')

  // A filter of the whole page keeps the tiles' own filters.
  await page.getByRole('switch', { name: 'Blocked for reputation only' }).click()
  await expect(page).toHaveURL(/reason=blocked_reputation/)
  await expect(page).toHaveURL(/flow-failures\.q=bad/)
})
