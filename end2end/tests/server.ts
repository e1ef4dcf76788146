import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const root = resolve(import.meta.dirname, '../..')
const binary = process.env.TOLLWARDEN ?? resolve(root, 'target/debug/tollwarden')
const folder = process.env.TOLLWARDEN_TEST_DIR ?? resolve(root, 'target/end2end')

export const password = 'correct horse battery staple'

/** A separate server with a new store, on a free port. */
export class Server {
  private constructor(
    readonly data: string,
    private process: ChildProcess | undefined,
    /** `http://127.0.0.1:PORT` */
    public url: string,
    /** The one-time link for the first account; empty if there is an account. */
    public setUpLink: string,
  ) {}

  /** Creates a new store. */
  static fresh(): Server {
    mkdirSync(folder, { recursive: true })
    return new Server(mkdtempSync(`${folder}/`), undefined, '', '')
  }

  /** Runs a subcommand and returns its stdout. */
  async run(args: string[], input = ''): Promise<string> {
    const child = promisify(execFile)(binary, ['--data-dir', this.data, ...args], {
      cwd: root,
      env: this.environment(),
      maxBuffer: 1 << 26,
    })
    // If the program ends without reading its input, its exit code shows the reason.
    child.child.stdin?.on('error', () => {}).end(input)
    return (await child).stdout
  }

  /** Creates an account. */
  async addUser(email: string, role: string): Promise<void> {
    await this.run(['user', 'add', '--email', email, '--role', role, '--password-stdin'], `${password}\n`)
  }

  /** Starts the server and waits until it prints its URL. */
  async start(): Promise<this> {
    const child = spawn(binary, ['serve', '--data-dir', this.data, '--listen', '127.0.0.1:0'], {
      cwd: root,
      env: this.environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.process = child
    // A worker that is aborted must not leave its server running.
    process.once('exit', () => child.kill('SIGTERM'))
    const said: string[] = []
    await new Promise<void>((done, fail) => {
      child.once('exit', (code) => fail(new Error(`the server ended with ${code}:\n${said.join('\n')}`)))
      createInterface({ input: child.stderr }).on('line', (line) => {
        said.push(line)
        const url = /^Tollwarden is at (http\S+)$/.exec(line)
        if (url) this.url = url[1]!
        const link = /^http\S+\/set-up\/\S+$/.exec(line)
        if (link) this.setUpLink = link[0]
        // The link, if there is one, is printed together with the URL.
        if (this.url) setImmediate(done)
      })
    })
    child.removeAllListeners('exit')
    return this
  }

  /** Stops the server; its Postgres stops with it. */
  async stop(): Promise<void> {
    const child = this.process
    if (!child || child.exitCode !== null) return
    const ended = new Promise<void>((done) => child.once('exit', () => done()))
    child.kill('SIGTERM')
    await ended
  }

  private environment(): NodeJS.ProcessEnv {
    const { DATABASE_URL: _, ...environment } = process.env
    return environment
  }
}
