/** The TypeScript that documents show, and how it is run: inside the package, by the package's public names. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')

export const readDocument = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

export const docExamples = (path: string): string[] =>
  [...readDocument(path).matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1] as string)

/** Runs a module inside the package; it must end with 0. @returns what it printed. */
export const runExample = async (code: string): Promise<string> => {
  mkdirSync(join(ROOT, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(ROOT, '.cache', 'example-'))
  try {
    const file = join(folder, 'example.ts')
    writeFileSync(file, code)
    const child = spawn(process.execPath, ['--conditions', 'holdfast-source', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const output = (await child.stdout.toArray()).join('')
    assert.equal(child.exitCode ?? (await new Promise((resolve) => child.once('exit', resolve))), 0)
    return output
  } finally {
    rmSync(folder, { recursive: true })
  }
}
