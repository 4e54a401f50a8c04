"""What Kustomize says when it cannot make the manifests, in one sentence: it tells every step on the way, with all paths."""

import re
from pathlib import Path

from deploy.checks.__main__ import ROOT
from deploy.checks.manifests.rendered import UnrenderedError

MISSING = re.compile(r"(?:open|lstat|stat|read) ([^\s:']+): no such file or directory")
NO_TARGET = re.compile(r"no matches for Id (\w+)\.[^/\s]*/([\w-]+)")
WAY = re.compile(
    r"error: |accumulating \w+: |accumulation err='accumulating resources from '[^']*': read \S+ is a directory': "
    r"|accumulateDirectory: \"|recursed accumulation of path '[^']*': |trouble configuring builtin \w+ with config: `[^`]*`: "
)
BELOW = re.compile(r"recursed accumulation of path '([^']*)'")
LONGEST = 300


def sentence(error: UnrenderedError, root: Path = ROOT) -> str:
    """The overlay, and the innermost reason."""
    overlay, _, said = str(error).partition(": ")
    for path in (root.resolve(), root):
        said = said.replace(f"{path}/", "")
    if missing := MISSING.findall(said):
        return f"{overlay}: it cannot be made, because there is no {missing[-1]}: add it, or refer to what is there"
    if gone := NO_TARGET.search(said):
        return (
            f"{overlay}: it cannot be made, because a patch is for {gone[1]} {gone[2]}, which is not there: name what it changes"
        )
    reason, where = " ".join(WAY.sub("", said).split()), "".join(f" ({path})" for path in BELOW.findall(said)[-1:])
    if reason.count('"') % 2:  # what it opened stood before the reason
        reason = reason.removesuffix('"')
    return f"{overlay}: it cannot be made{where}: {reason[:LONGEST]}"
