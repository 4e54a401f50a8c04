"""One function per command or event; each runs in the caller's transaction and says what it has to say through the outbox."""

from shared.runtime.outbox import Outbox

outbox = Outbox("registration")
