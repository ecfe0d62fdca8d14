/** A node with the built page, as `holdfast serve` runs it: a process of its own, with its headers and its files. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export interface NodeWithPage {
  readonly url: string
  readonly port: number
  readonly pid: number | undefined
  stop(): Promise<void>
}

/** @param config a file beside this one. @param more for `holdfast serve` */
export const startNode = async (
  config = './open.config.ts',
  more: readonly string[] = [],
): Promise<NodeWithPage> => {
  if (!existsSync(at('../../console/dist/page/index.html')))
    throw new Error('the page is not built: npm test builds it')
  const serve = [
    at('../../src/cli/main.ts'),
    'serve',
    '--memory',
    '--port',
    '0',
    '--config',
    at(config),
    ...more,
  ]
  const child = spawn(process.execPath, ['--conditions', 'holdfast-source', ...serve], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  createInterface(child.stderr).on('line', (line) => {
    if (!/^(stopping|logs are kept)/.test(line)) process.stderr.write(`${line}\n`)
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve)
    child.once('exit', (status) => reject(new Error(`the node ended with status ${status}`)))
  })
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid,
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}
