"""One function per event or command of matching; each runs in the caller's transaction."""

from shared.runtime.outbox import Outbox

outbox = Outbox("matching")
