/**
 * A node that takes more from one address than a person would send, since every page of a test comes from the same,
 * and asks for polls more often, since nobody wants to wait for tests.
 */
import { defineConfig } from 'holdfast/server'

export default defineConfig({
  limits: { commandsPerSecond: 500, commandBurst: 500, presenceGraceMs: 500, pollMaxMs: 1_000 },
})
