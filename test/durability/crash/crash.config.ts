/** The node that is killed: it keeps everything, and does not slow its publishers down. */
import { defineConfig, type HoldfastConfig } from 'holdfast/server'

const config: HoldfastConfig = defineConfig({
  limits: { commandsPerSecond: Infinity, connectionsPerAddress: Infinity, acceptsPerSecond: Infinity },
  rules: [{ pattern: '*', retention: { count: Infinity, ageMs: Infinity, bytes: Infinity } }],
  // What a publication under way is told when its node dies is the client's affair.
  onError: () => undefined,
})

export default config
