"""`python -m services.geo` runs the service."""

from services.geo.app import create_app
from services.geo.settings import Settings
from shared.runtime import program

if __name__ == "__main__":
    settings = Settings()
    program.run("geo", create_app(settings), settings)
