"""What the stack says when it cannot do its work; every message is one a person can act on."""


class MissingPartError(RuntimeError):
    """Something the stack needs is not here; the message says what to do."""


class ProcessError(RuntimeError):
    """A process did not start, did not become ready or ended; the message holds the end of its log."""


class ElsewhereError(RuntimeError):
    """A fault was asked of a part that somebody else runs (Docker, or an address given in the environment)."""
