"""What people do at the form, for Locust, which has an environment of its own (locks/load.txt)."""

import os
import random
import re
import time

from locust import FastHttpUser, task

from tests.load.answers import typed_by_somebody

FORM_PATH = os.environ["FORM_PATH"]
PAUSE_SECONDS = float(os.environ["PAUSE_SECONDS"])
"""The mean. Many people with long pauses of a length left to chance come as an open loop does: nobody waits for others."""
HIDDEN = re.compile(r'name="(form_token|stamp)" value="([\w-]+)"')


class Person(FastHttpUser):  # type: ignore[misc]
    abstract = True

    def wait_time(self) -> float:
        return random.expovariate(1 / PAUSE_SECONDS) if PAUSE_SECONDS else 0.0

    def on_start(self) -> None:
        """Else all would come at once in the beginning."""
        time.sleep(self.wait_time())

    def open(self) -> dict[str, str]:
        return dict(HIDDEN.findall(self.client.get(FORM_PATH, name="open").text or ""))

    def send(self, answers: dict[str, str]) -> None:
        with self.client.post(FORM_PATH, answers, name="send", allow_redirects=False, catch_response=True) as answer:
            if answer.status_code == 303:
                answer.success()
            else:
                answer.failure(f"answered with {answer.status_code}")


class Opening(Person):
    @task  # type: ignore[untyped-decorator]
    def open_the_form(self) -> None:
        self.open()


class Sending(Person):
    @task  # type: ignore[untyped-decorator]
    def send_the_form(self) -> None:
        self.send(typed_by_somebody())


class SigningUp(Person):
    @task  # type: ignore[untyped-decorator]
    def sign_up(self) -> None:
        hidden = self.open()
        self.send(typed_by_somebody() | hidden)
