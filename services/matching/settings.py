"""What matching must be told by its environment."""

from pathlib import Path

from pydantic import Field

from shared.runtime.settings import RuntimeSettings


class Settings(RuntimeSettings):
    """See RuntimeSettings for what all services share."""

    incomplete_seconds: float = 30.0
    """How long the set of a closed round may differ from the announced one before registration is asked; real time."""

    solve_seconds: float | None = None
    """A limit for one solving; without one it goes on until the plan is proved best."""

    solver_memory_mb: int | None = 4000
    """Memory that the solver's process may take; one that needs more ends, and its run is tried again."""

    kernels_dir: Path | None = None
    """Where the engine's compiled kernels are kept; without it beside the engine's sources. It should outlive the process."""

    audit_months: int = Field(default=24, ge=6, le=120)
    """How long it is kept who of the office looked at plans and pairs, published or repaired, in all regions."""
