/** A node on which everything can be read, and nothing be written. */
import { defineConfig } from 'holdfast/server'

export default defineConfig({ authorize: ({ action }) => action !== 'publish' })
