/**
 * `holdfast.config.ts`: what a node is told when its flags are not enough, hooks above all. It is a module with a
 * default export; `defineConfig` types it.
 */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { HoldfastConfig } from '../server/index.ts'
import { UsageError } from './usage-error.ts'

const NAMES = ['holdfast.config.ts', 'holdfast.config.mjs', 'holdfast.config.js']

/**
 * Reads the file that was named, or the first of the usual names in the working directory.
 * @throws UsageError when the named file is missing or has no default export.
 */
export const loadConfig = async (named: string | undefined): Promise<HoldfastConfig> => {
  const path = named === undefined ? NAMES.map((name) => resolve(name)).find(existsSync) : resolve(named)
  if (path === undefined) return {}
  if (!existsSync(path)) throw new UsageError(`there is no config file ${path}`)
  const module = (await import(pathToFileURL(path).href)) as { default?: unknown }
  if (typeof module.default !== 'object' || module.default === null) {
    throw new UsageError(`${path} has no default export: export default defineConfig({ … })`)
  }
  return module.default
}
