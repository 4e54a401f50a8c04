"""`python -m services.registration` runs the service."""

from services.registration.app import create_app
from services.registration.settings import Settings
from shared.runtime import program

if __name__ == "__main__":
    settings = Settings()
    program.run("registration", create_app(settings), settings)
