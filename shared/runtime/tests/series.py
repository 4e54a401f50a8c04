"""What this process shows at /metrics, for tests of any service."""

from prometheus_client import REGISTRY, generate_latest


def series() -> set[str]:
    """Every name with its labels, without the values."""
    return {line.rpartition(" ")[0] for line in generate_latest().decode().splitlines() if not line.startswith("#")}


def value(name: str, **labels: str) -> float:
    """0 where there is no such series."""
    return REGISTRY.get_sample_value(f"mybuddy_{name}", labels) or 0.0


def values(name: str) -> dict[tuple[str, ...], float]:
    """All series of one metric, by the values of their labels."""
    found = [sample for metric in REGISTRY.collect() for sample in metric.samples if sample.name == f"mybuddy_{name}"]
    return {tuple(sample.labels.values()): sample.value for sample in found}


def odd(number: int) -> str:
    """A slug that nobody has, another for each number."""
    return f"zykanari-{number}"


def of_odd(shown: set[str]) -> list[str]:
    """Series that hold one of them."""
    return sorted(one for one in shown if "zykanari" in one.lower())
