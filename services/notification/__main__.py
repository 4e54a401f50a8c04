"""`python -m services.notification` runs the service."""

import gc

gc.disable()  # nothing that is imported goes again; program.run looks for garbage from then on

from services.notification.app import create_app
from services.notification.settings import Settings
from shared.runtime import program

if __name__ == "__main__":
    settings = Settings()
    program.run("notification", create_app(settings), settings)
