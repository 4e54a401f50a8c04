"""What the files named on a command line say: a job from a people file, an instance to verify against."""

from argparse import Namespace
from collections.abc import Callable

from services.matching.engine import parse
from services.matching.engine.instance import Instance
from services.matching.engine.parse import BadInputError
from services.matching.engine.people import Job, Person, Wishes, parties
from services.matching.engine.people_csv import read, rules

Report = Callable[[str], None]


def people_job(asked: Namespace, report: Report) -> Job:
    """People, rules and wishes of `people`; rows left out are told to `report`. Raises BadInputError."""
    people = read(asked.people, report)
    return Job(people, rules(asked.rules, asked.year), _wishes(asked, people), getattr(asked, "time_limit", None))


def _wishes(asked: Namespace, people: tuple[Person, ...]) -> Wishes:
    if asked.wishes is None:
        return Wishes()
    from services.matching.engine.instance_file import wishes

    alone = {name for group in parties(people) for name in group}
    capacities = {one.id: 1 if one.id in alone else one.capacity for one in people if one.role == "local"}
    found = wishes(asked.wishes, {one.id for one in people if one.role == "newcomer"}, capacities)
    return Wishes(
        found.pins, found.bans, found.quotas, parties=found.parties, quality_floor=found.quality_floor, levels=found.levels
    )


def given(asked: Namespace, report: Report) -> Job | Instance:
    """What a result to be verified was made from. Raises BadInputError."""
    if asked.job:
        from services.matching.engine.json_file import content

        return parse.job(parse.load(content(asked.instance), "job"))
    if asked.rules is not None:
        asked.people = asked.instance
        return people_job(asked, report)
    from services.matching.engine.instance_file import read as read_instance

    if (asked.changes is None) != (asked.before is None):
        raise BadInputError("--before and --changes go together: a re-plan is verified with both")
    if asked.changes is not None:
        return replanned(asked)
    if asked.instance.suffix == ".csv":
        raise BadInputError("a people file is verified with --rules RULES.toml")
    return read_instance(asked.instance)


def replanned(asked: Namespace) -> Instance:
    """The instance of a re-plan. Raises BadInputError."""
    from services.matching.engine.changes_file import changes, plan
    from services.matching.engine.instance_file import read as read_instance
    from services.matching.engine.replan import changed

    instance, before = read_instance(asked.instance), plan(asked.before)
    return changed(instance, before, changes(asked.changes, instance, before))
