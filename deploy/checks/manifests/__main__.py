"""`python -m deploy.checks.manifests`: all manifests, one sentence for each fault."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.checks.manifests import (
    connections,
    exposed,
    flows,
    front,
    images,
    kafka,
    overlays,
    pods,
    references,
    resources,
    said,
    scaling,
    schemas,
    selectors,
    unknown,
    unrendered,
    volumes,
    watching,
    written,
)
from deploy.checks.manifests.rendered import OVERLAYS, Manifests, UnrenderedError, render

CHECKS = (
    unknown,
    pods,
    volumes,
    resources,
    references,
    images,
    exposed,
    selectors,
    watching,
    flows,
    kafka,
    front,
    connections,
)


def read(folders: Sequence[Path] = OVERLAYS) -> list[Manifests]:
    """Raises UnrenderedError."""
    with ThreadPoolExecutor() as at_once:
        return [Manifests(folder, made) for folder, made in zip(folders, at_once.map(render, folders), strict=True)]


def faults(manifests: Manifests, metrics: scaling.Exported) -> Iterator[str]:
    """Of one overlay by itself, whose objects have the right form."""
    for check in CHECKS:
        yield from check.faults(manifests)
    yield from scaling.faults(manifests, metrics)


def all_faults(folders: Sequence[Path] = OVERLAYS) -> list[str]:
    """One sentence for each fault."""
    try:
        return [*written.faults(), *once(_of_overlays(folders), [folder.name for folder in folders])]
    except UnrenderedError as error:
        return [unrendered.sentence(error)]


def once(found: Sequence[str], names: Sequence[str]) -> list[str]:
    """What every overlay has alike comes from what they share, and is said where it comes first."""
    every, kept = {*found}, []
    for one in found:
        name, _, fault = one.partition(": ")
        alike = len(names) > 1 and name in names and every.issuperset(f"{other}: {fault}" for other in names)
        kept.append(f"every overlay: {fault}" if alike else one)
    return list(dict.fromkeys(kept))


def _of_overlays(folders: Sequence[Path]) -> list[str]:
    """Raises UnrenderedError."""
    if wrong := [f"{folder.name}: {fault}" for folder in folders for fault in said.faults(folder)]:
        return wrong
    with ThreadPoolExecutor(1) as aside:  # services are asked for their metrics in processes of their own
        metrics = aside.submit(scaling.exported)
        made = read(folders)
        found = [f"{one.overlay}: {fault}" for one in made for fault in schemas.faults(one)]
        if found:  # what has another form than all else expects
            return found
        found = [f"{one.overlay}: {fault}" for one in made for fault in faults(one, metrics.result())]
    return found or [*overlays.faults(made)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.checks.manifests", description=__doc__)
    parser.add_argument("overlays", nargs="*", type=Path, help="folders that stand elsewhere; without any, deploy/k8s/overlays")
    found = all_faults([folder.resolve() for folder in parser.parse_args().overlays] or OVERLAYS)
    sys.stderr.writelines(f"deploy/k8s: {fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
