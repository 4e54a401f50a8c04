"""For the office's technical contact while a round runs: where it is, who comes, what waits, what people are told."""

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.models import units

from deploy.grafana import frame
from deploy.grafana.expressions import WINDOW, here, most, once, or_zero, quantile, regional, rose, total
from deploy.grafana.panels import About, Line, Panel, bars, columns, layers, number, worry
from deploy.grafana.round_results import CLOSING, PAIRS

PEOPLE = once(regional("mybuddy_round_people"), "region", "role", "state")
STEPS = {"opened": "opened the form", "checked": "saw what they wrote", "taken": "sent it", "confirmed": "confirmed"}


def people(state: str) -> str:
    return once(regional("mybuddy_round_people", f'state="{state}"'), "region", "role")


def confirmed(role: str) -> str:
    of_role = regional("mybuddy_round_people", 'state="confirmed"', f'role="{role}"')
    return total(once(of_role, "region"), "region")


def step(name: str) -> str:
    return or_zero(total(rose(regional("mybuddy_signup_steps_total", f'step="{name}"'))))


def seconds_to_sign_up(share: float) -> str:
    return quantile(share, total(rose(here("mybuddy_signup_duration_seconds_bucket")), "le", "language"))


NOW: list[Panel] = [
    number(
        About(
            "Phase",
            "Where the newest round of each region is, and for how long. Worry when it is closed for more than minutes: it waits "
            "for people or for the solver.",
            units.Seconds,
            6,
        ),
        Line(most(regional("mybuddy_round_phase_age_seconds"), "region", "phase"), "{{region}}: {{phase}}"),
    ),
    number(
        About(
            "Closes in",
            "Time until sign-up ends. Later forms are for the next round.",
            units.Seconds,
            6,
            ("text", (1, "red"), (86_400, "orange"), (259_200, "green")),
        ),
        Line(
            or_zero(f"clamp_min({most(regional('mybuddy_round_closes_timestamp_seconds'), 'region')} - time(), 0)", "region"),
            "{{region}}",
        ),
        instead={"0": "no round is open"},
    ),
    number(
        About(
            "Confirmed people",
            "Who counts in rounds that have not ended. Worry when one side stays far behind the other.",
            units.Short,
            6,
            decimals=0,
        ),
        Line(total(people("confirmed"), "role"), "{{role}}s"),
    ),
    number(
        About(
            "Locals for each newcomer",
            "1 where the sides are even. Below 0.7 newcomers will be left over, above 1.5 locals: invite the other side.",
            units.NoUnit,
            6,
            ("red", (0.5, "orange"), (0.7, "green"), (1.5, "orange"), (2, "red")),
            decimals=2,
        ),
        Line(f"{confirmed('local')} / {confirmed('newcomer')}", "{{region}}"),
    ),
]

WAITING: list[Panel] = [
    number(
        About(
            "Not confirmed", "Forms whose mail was not answered. Worry when it grows with every form.", units.Short, 4, decimals=0
        ),
        Line(or_zero(total(people("unconfirmed"))), "people"),
    ),
    number(
        About("In doubt", "Entries that wait for a coordinator's decision.", units.Short, 4, worry(1, 20), decimals=0),
        Line(or_zero(total(people("in_doubt"))), "people"),
    ),
    number(
        About(
            "Places nobody understood",
            "People without a place on the map. Answer these before the round closes.",
            units.Short,
            4,
            worry(1, 20),
            decimals=0,
        ),
        Line(or_zero(total(once(regional("mybuddy_place_questions_open"), "region"))), "people"),
    ),
    number(
        About("Open questions", "What people asked and nobody answered.", units.Short, 4, worry(1, 20), decimals=0),
        Line(or_zero(total(once(regional("mybuddy_questions_open"), "region"))), "questions"),
    ),
    number(
        About("Oldest question", "Worry after two days: somebody waits.", units.Seconds, 4, worry(86_400, 172_800)),
        Line(or_zero(most(regional("mybuddy_questions_oldest_seconds")))),
    ),
    number(
        About(
            "Waiting for coordinates",
            "Confirmed people of open rounds that matching has no coordinates of. Worry when it does not fall within a minute: "
            "geo or the events behind it stand still.",
            units.Short,
            4,
            worry(1, 20),
            decimals=0,
        ),
        Line(or_zero(total(f"clamp_min({regional('region:mybuddy_round_people:waiting_for_coordinates')}, 0)")), "people"),
    ),
]

SIGNING_UP: list[Panel] = [
    layers(
        About(
            "People by role",
            "All who are in rounds that have not ended, confirmed or not. Worry when it is flat although you advertise.",
            units.Short,
            decimals=0,
        ),
        Line(total(PEOPLE, "role"), "{{role}}s"),
    ),
    columns(
        About(
            "Forms taken by language",
            "When people came and in which language. Worry when a language you advertised in is missing.",
            units.Short,
            decimals=0,
        ),
        Line(total(rose(regional("mybuddy_signup_steps_total", 'step="taken"'), WINDOW), "language"), "{{language}}"),
    ),
    bars(
        About(
            "How far people get",
            "Steps within the time shown; somebody can open the form more than once. Worry when a step has less than half of the "
            "one before.",
            units.Short,
            decimals=0,
        ),
        *(Line(step(name), words) for name, words in STEPS.items()),
    ),
    bars(
        About(
            "Time to sign up",
            "From the first sight of the form to its being sent: half of the people need less than p50, nine of ten less than "
            "p90. Worry when p90 is above five minutes.",
            units.Seconds,
            12,
            worry(180, 300),
            decimals=0,
        ),
        Line(seconds_to_sign_up(0.5), "{{language}} p50"),
        Line(seconds_to_sign_up(0.9), "{{language}} p90"),
    ),
    bars(
        About(
            "What had to be corrected",
            "Fields that people had to fill in again. Worry when one stands out: its text is not understood.",
            units.Short,
            12,
            decimals=0,
        ),
        Line(or_zero(f"topk(8, {total(rose(here('mybuddy_signup_faults_total')), 'code')})", "code"), "{{code}}"),
    ),
]

MAILS: list[Panel] = [
    number(
        About(
            "Oldest unsent mail",
            "Only mails that are due. Worry above five minutes: the mail server or its limits hold us up.",
            units.Seconds,
            5,
            worry(120, 300),
        ),
        Line(most(here("mybuddy_messages_oldest_unsent_seconds"))),
    ),
    number(
        About("Mails due", "Waiting to be sent now. Worry when it only grows.", units.Short, 4, decimals=0),
        Line(most(here("mybuddy_messages_unsent"))),
    ),
    number(
        About(
            "Mails held",
            "They wait for the morning, or because the person had three today. Nothing to do.",
            units.Short,
            5,
            decimals=0,
        ),
        Line(most(here("mybuddy_messages_held"))),
    ),
    number(
        About(
            "Mails put off",
            "A mail server said “later”; they are tried again by themselves. Worry when they are more than are sent.",
            units.Short,
            5,
            worry(11, 100),
            decimals=0,
        ),
        Line(most(here("mybuddy_messages_put_off"))),
    ),
    number(
        About(
            "Undelivered mails", "Kept for the coordinator: these people do not know.", units.Short, 5, worry(1, 10), decimals=0
        ),
        Line(or_zero(total(once(here("mybuddy_messages_undelivered"), "state", "kind"), "state"), "state"), "{{state}}"),
    ),
    columns(
        About("Mails by what became of them", "Worry when failed or bounced are more than one in ten.", units.Short, decimals=0),
        Line(total(rose(here("mybuddy_messages_total"), WINDOW), "state"), "{{state}}"),
    ),
    bars(
        About("Mails by kind", "What was sent within the time shown.", units.Short, decimals=0),
        Line(total(rose(here("mybuddy_messages_total", 'state="sent"')), "kind"), "{{kind}}"),
    ),
    bars(
        About("Mails by language", "What was sent within the time shown.", units.Short, decimals=0),
        Line(total(rose(here("mybuddy_messages_total", 'state="sent"')), "language"), "{{language}}"),
    ),
]


def build() -> Dashboard:
    return frame.framed(
        "round-cockpit",
        "Round cockpit",
        "A round while it runs: where it is, who comes, what waits, what people are told.",
        [frame.installation(), frame.region()],
        {
            "Where the round is": NOW,
            "What waits for somebody": WAITING,
            "Signing up": SIGNING_UP,
            "Closing and solving": CLOSING,
            "Pairs": PAIRS,
            "Mails": MAILS,
        },
        [frame.RoundPhases()],
    )
