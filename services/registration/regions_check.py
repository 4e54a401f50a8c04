"""`python -m services.registration.regions_check [folder]`: are the region files in order? Otherwise says what is wrong where."""

import argparse
import sys
from pathlib import Path

from services.registration.regions import RegionFilesError, read_regions


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m services.registration.regions_check", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("deploy/regions"))
    try:
        found = len(read_regions(parser.parse_args().folder))
    except RegionFilesError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{found} region files are in order\n" if found > 1 else "1 region file is in order\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
