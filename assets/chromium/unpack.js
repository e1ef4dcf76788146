// Unpacks the browser and the libraries beside it; `chromium` then runs it with them.
import { execFileSync } from 'node:child_process'
import { chmodSync, createReadStream, createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress } from 'node:zlib'

const here = import.meta.dirname
const packed = join(here, 'node_modules/@sparticuz/chromium/bin')
const unpack = (from, to) =>
  pipeline(createReadStream(join(packed, from)), createBrotliDecompress(), createWriteStream(join(here, to)))

mkdirSync(join(here, 'browser'), { recursive: true })
for (const [from, into] of [['al2023', '.'], ['swiftshader', 'browser'], ['fonts', 'browser']]) {
  await unpack(`${from}.tar.br`, `${from}.tar`)
  execFileSync('tar', ['-xf', join(here, `${from}.tar`), '-C', join(here, into)])
}
await unpack('chromium.br', 'browser/chromium')
chmodSync(join(here, 'browser/chromium'), 0o755)

// Last, so that it is only there when all the rest is.
const script = `#!/bin/sh
here=$(dirname "$0")
export LD_LIBRARY_PATH="\${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/lib"
exec "$here/browser/chromium" "$@"
`
writeFileSync(join(here, 'chromium'), script, { mode: 0o755 })
