"""`python -m deploy.checks.manifests`: all manifests, one sentence for each fault."""

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from deploy.checks.manifests import (
    exposed,
    flows,
    front,
    images,
    overlays,
    pods,
    references,
    resources,
    scaling,
    schemas,
    selectors,
    unrendered,
    watching,
    written,
)
from deploy.checks.manifests.rendered import K8S, OVERLAYS, Manifests, UnrenderedError, render


def read(names: Sequence[str] = OVERLAYS) -> list[Manifests]:
    """Raises UnrenderedError."""
    with ThreadPoolExecutor() as at_once:
        objects = at_once.map(lambda name: render(K8S / "overlays" / name), names)
        return [Manifests(name, made) for name, made in zip(names, objects, strict=True)]


def faults(manifests: Manifests, metrics: scaling.Exported) -> Iterator[str]:
    """Of one overlay by itself, whose objects have the right form."""
    for check in (pods, resources, references, images, exposed, selectors, watching):
        yield from check.faults(manifests)
    yield from flows.faults(manifests)
    yield from front.faults(manifests)
    yield from scaling.faults(manifests, metrics)


def all_faults() -> list[str]:
    return once(_found())


def once(found: Sequence[str], names: Sequence[str] = OVERLAYS) -> list[str]:
    """What every overlay has alike comes from what they share, and is said where it comes first."""
    said, kept = {*found}, []
    for one in found:
        name, _, fault = one.partition(": ")
        alike = name in names and said.issuperset(f"{other}: {fault}" for other in names)
        kept.append(f"every overlay: {fault}" if alike else one)
    return list(dict.fromkeys(kept))


def _found() -> list[str]:
    found = [*written.faults()]
    with ThreadPoolExecutor(1) as aside:  # services are asked for their metrics in processes of their own
        metrics = aside.submit(scaling.exported)
        try:
            made = read()
        except UnrenderedError as error:
            return [*found, unrendered.sentence(error)]
        found += [f"{one.overlay}: {fault}" for one in made for fault in schemas.faults(one)]
        if found:  # what has another form than all else expects
            return found
        found = [f"{one.overlay}: {fault}" for one in made for fault in faults(one, metrics.result())]
    return found or [*overlays.faults(made)]


def main() -> int:
    found = all_faults()
    sys.stderr.writelines(f"deploy/k8s: {fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
