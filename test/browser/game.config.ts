/** A node that takes more from one address than a person would send, since every page of a test comes from the same. */
import { defineConfig } from 'holdfast/server'

export default defineConfig({ limits: { commandsPerSecond: 500, commandBurst: 500 } })
