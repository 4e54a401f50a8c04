"""`python -m services.registration` runs the service."""

import gc
import sys

gc.disable()  # nothing that is imported goes again; program.run looks for garbage from then on

from services.registration.app import create_app
from services.registration.regions import RegionFilesError
from services.registration.settings import Settings
from shared.runtime import program

if __name__ == "__main__":
    settings = Settings()
    try:
        app = create_app(settings)
    except RegionFilesError as error:
        sys.exit(str(error))
    program.run("registration", app, settings)
