import { range } from './fixtures.ts'

/** Every page there is, for whoever looks at all of them: name, path, and whether one is signed in. */
export const pages = [
  ['sign-in', '/sign-in', false],
  ['dead-link', '/set-up/0000', false],
  ['workbook', `/?${range}`, true],
  ['workbook-tables', `/?${range}&browsers.view=table&operating-systems.view=table`, true],
  ['workbook-empty', '/?from=2019-01-01&to=2019-01-02', true],
  ['workbook-wrong', '/?range=never&channel=pigeon&ip-failures.page=x', true],
  ['settings', '/settings', true],
  ['account', '/account', true],
  ['not-found', '/nowhere', true],
] as const
