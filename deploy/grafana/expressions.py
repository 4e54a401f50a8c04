"""The few forms of PromQL that all dashboards are made of, so that replicas and installations are counted alike everywhere."""

WHERE = 'installation=~"$installation"'
SERVICE = 'service=~"$service"'
REGION = 'region=~"$region"'
WINDOW = "$__rate_interval"
RANGE = "$__range"


def here(metric: str, *matchers: str) -> str:
    """The metric's series of the chosen installation. Prometheus knows the label only where several are gathered."""
    return f"{metric}{{{','.join((WHERE, *matchers))}}}"


def regional(metric: str, *matchers: str) -> str:
    return here(metric, REGION, *matchers)


def of_service(metric: str, *matchers: str) -> str:
    return here(metric, SERVICE, *matchers)


def once(series: str, *labels: str) -> str:
    """Of a number that a service reads from its database: each replica says the same, so one of them counts."""
    return f"max by ({', '.join(('installation', *labels))}) ({series})"


def total(expr: str, *labels: str) -> str:
    return f"sum by ({', '.join(labels)}) ({expr})" if labels else f"sum({expr})"


def most(expr: str, *labels: str) -> str:
    return f"max by ({', '.join(labels)}) ({expr})" if labels else f"max({expr})"


def rose(counter: str, window: str = RANGE) -> str:
    """How much a counter rose. One that appeared meanwhile did so with its first event, which `increase` never sees: it is taken
    as it is. In a round most languages, kinds and reasons appear this way.
    """
    return f"(({counter} unless {counter} offset {window}) or increase({counter}[{window}]))"


def rate(counter: str, window: str = WINDOW) -> str:
    return f"rate({counter}[{window}])"


def or_zero(expr: str, label: str = "") -> str:
    """Only where no series at all means that there was none; with a label, the zero is called `none`."""
    zero = f'label_replace(vector(0), "{label}", "none", "", "")' if label else "vector(0)"
    return f"{expr} or on () {zero}"


def quantile(share: float, buckets: str) -> str:
    return f"histogram_quantile({share}, {buckets})"
