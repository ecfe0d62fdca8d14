/** What a browser tells about its network and its user; elsewhere nothing does, and nothing is watched. */

/** The network is back, or gone; the page is looked at again, or not any more. */
const EVENTS = ['offline', 'online', 'visibilitychange']

/** Calls `wake` when waiting may be pointless from now on, or what stands may be dead; returns what ends that. */
export const watchPlatform = (wake: () => void): (() => void) => {
  for (const name of EVENTS) globalThis.addEventListener?.(name, wake)
  return () => {
    for (const name of EVENTS) globalThis.removeEventListener?.(name, wake)
  }
}
