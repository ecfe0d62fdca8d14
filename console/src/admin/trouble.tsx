/** Why there is nothing to see, or nothing new. */
import type { JSX } from 'react'
import type { AdminError } from './admin-api.ts'

export const Trouble = ({ error }: { error: AdminError | undefined }): JSX.Element => (
  <div role="status">
    {error === undefined ? null : (
      <p className="admin-trouble">
        {error.code === 'away'
          ? 'The node does not answer. What is shown is what it said last; it is asked again each second.'
          : error.code === 'not_found'
            ? 'It is not here any more.'
            : error.code === 'rate_limited'
              ? 'Too many wrong secrets came from here. Wait a minute.'
              : `The node refused: ${error.message}.`}
      </p>
    )}
  </div>
)
