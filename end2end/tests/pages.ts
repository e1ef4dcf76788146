import { range } from './fixtures.ts'

/** Every page there is, for whoever looks at all of them: name, path, and whether one is signed in. */
export const pages = [
  ['sign-in', '/sign-in', false],
  ['dead-link', '/set-up/0000', false],
  ['workbook', `/?${range}`, true],
  ['workbook-tables', `/?${range}&browsers.view=table&operating-systems.view=table`, true],
  ['workbook-empty', '/?from=2019-01-01&to=2019-01-02', true],
  ['workbook-wrong', '/?range=never&channel=pigeon&ip-failures.page=x', true],
  ['fraud-alerts', '/fraud-alerts', true],
  ['fraud-alerts-settings', '/fraud-alerts?tab=settings', true],
  ['fraud-alerts-blocked', '/fraud-alerts?tab=blocked', true],
  ['fraud-alerts-bypasses', '/fraud-alerts?tab=bypasses', true],
  ['fraud-alerts-names', '/fraud-alerts?tab=names', true],
  ['notifications', '/notifications', true],
  ['sign-ins', `/sign-ins?${range}`, true],
  ['audit', '/audit', true],
  ['reset-dead', '/reset/0000', false],
  ['stop-dead', '/stop/0000', false],
  ['settings', '/settings', true],
  ['settings-accounts', '/settings?tab=accounts', true],
  ['settings-keys', '/settings?tab=keys', true],
  ['search', '/search?q=nobody%40example.com', true],
  ['api-docs', '/api/docs', true],
  ['account', '/account', true],
  ['not-found', '/nowhere', true],
] as const
