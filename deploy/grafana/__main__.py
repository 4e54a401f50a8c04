"""`python -m deploy.grafana` writes the dashboards that Grafana reads; with --check it says which files it would change."""

import argparse
import sys

from deploy.grafana.files import changed, write


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m deploy.grafana", description=__doc__)
    arguments.add_argument("--check", action="store_true")
    if not arguments.parse_args().check:
        write()
        return 0
    names = changed()
    sys.stderr.writelines(f"{name} is not what deploy/grafana gives: run `python -m deploy.grafana`.\n" for name in names)
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
