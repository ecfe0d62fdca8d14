/** A node with a room that nobody may write in, and one that nobody may read. */
import { defineConfig } from 'holdfast/server'

export default defineConfig({
  authorize: ({ action, channel }) => {
    if (channel === 'chat/notices') return action !== 'publish'
    return channel !== 'chat/secrets'
  },
})
