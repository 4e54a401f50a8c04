"""`python -m services.geo` runs the service."""

import gc

gc.disable()  # nothing that is imported goes again; program.run looks for garbage from then on

from services.geo.app import create_app
from services.geo.settings import Settings
from shared.runtime import program

if __name__ == "__main__":
    settings = Settings()
    program.run("geo", create_app(settings), settings)
