"""`python -m services.matching` runs the service."""

import gc

gc.disable()  # nothing that is imported goes again; program.run looks for garbage from then on

from services.matching.app import create_app
from services.matching.settings import Settings
from shared.runtime import program

if __name__ == "__main__":
    settings = Settings()
    program.run("matching", create_app(settings), settings)
