"""The mail server: keeps what it gets, shows it harmlessly, misbehaves on request."""

import json
import smtplib
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from deploy.local.mailbox.part import Mailbox
from deploy.local.stack import Stack


@pytest.fixture
def mailbox(stack: Stack) -> Mailbox:
    stack.mailbox.clear()
    stack.mailbox.behave()
    return stack.mailbox


def make(to: str = "a@example.org", subject: str = "Grüße", html: str = "<p>Hallo</p>") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = "office@example.org"
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = "Sun, 22 Nov 2026 10:00:00 +0000"
    message["Message-ID"] = f"<{to}>"
    message.set_content("Hallo https://example.org/?a=1&b=2 !\n")
    message.add_alternative(html, subtype="html")
    message.set_boundary("between")
    message["Content-Language"] = "de"
    return message


def send(mailbox: Mailbox, message: EmailMessage | bytes, to: str = "a@example.org", timeout: float = 10) -> None:
    raw = message if isinstance(message, bytes) else message.as_bytes()
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port, timeout=timeout) as client:
        client.sendmail("bounce@example.org", [to], raw)


def page(mailbox: Mailbox, path: str) -> str:
    with urllib.request.urlopen(mailbox.http_url + path, timeout=10) as answer:
        return str(answer.read().decode())


def test_a_mail_is_kept_as_it_came(mailbox: Mailbox) -> None:
    send(mailbox, make())
    [summary] = mailbox.mails()
    assert (summary["to"], summary["subject"], summary["language"]) == ("a@example.org", "Grüße", "de")
    assert summary["message_id"] == "<a@example.org>"
    assert summary["problems"] == []
    details = mailbox.mail(summary["index"])
    assert details["text"].startswith("Hallo https://")
    assert details["html"].strip() == "<p>Hallo</p>"
    assert details["raw"] == make().as_string()
    assert ["Subject", "Grüße"] in details["headers"]


def test_found_by_recipient_and_index(mailbox: Mailbox) -> None:
    for to in ("a@example.org", "b@example.org", "B@example.org"):
        send(mailbox, make(to), to)
    first, second, third = mailbox.mails()
    assert [mail["index"] for mail in mailbox.mails(to="b@example.org")] == [second["index"], third["index"]]
    assert mailbox.mails(since=second["index"]) == [third]
    assert mailbox.mails(to="a@example.org", since=first["index"]) == []


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        ((b"\r\nSubject:", b"\r\nSubject: x\r\nSubject:"), "has 2 headers Subject"),
        ((b"\r\nDate: ", b"\r\nX-Date: "), "has 0 headers Date"),
        ((b"To: a@", b"To: z@"), "the header To names 1 addresses that are not the 1 of the envelope"),
        ((b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße".encode()), "has a header that is not ASCII"),
        ((b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", b"=?utf-8?q?a=0ABcc:_x@y.org?="), "header Subject holds a line end once decoded"),
        ((b"text/plain", b"text/x-plain"), "has no plain text part"),
    ],
)
def test_what_is_wrong_with_a_mail_is_said(mailbox: Mailbox, damage: tuple[bytes, bytes], problem: str) -> None:
    raw = make().as_bytes()
    assert damage[0] in raw
    send(mailbox, raw.replace(*damage, 1))
    assert problem in mailbox.mails()[0]["problems"]


def test_what_came_with_a_mail_is_shown_as_text(mailbox: Mailbox) -> None:
    send(mailbox, make(subject="<script>alert(1)</script>", html="<html><head></head><script>alert(2)</script></html>"))
    index = mailbox.mails()[0]["index"]
    for path in ("/", f"/mails/{index}"):
        shown = page(mailbox, path)
        assert "<script>" not in shown
        assert "&lt;script&gt;alert(1)" in shown
    shown = page(mailbox, f"/mails/{index}")
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in shown
    assert '<a href="https://example.org/?a=1&amp;b=2"' in shown
    with urllib.request.urlopen(f"{mailbox.http_url}/mails/{index}/html") as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Content-Security-Policy"].startswith("sandbox ")


@pytest.mark.parametrize(("accept", "code"), [("defer", 451), ("reject", 550)])
def test_refused(mailbox: Mailbox, accept: str, code: int) -> None:
    mailbox.behave(accept, only_to="B@example.org")  # type: ignore[arg-type]
    send(mailbox, make())
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(mailbox, make("b@example.org"), "b@example.org")
    assert refused.value.recipients["b@example.org"][0] == code
    assert [mail["to"] for mail in mailbox.mails()] == ["a@example.org"]


@pytest.mark.parametrize(("keep", "count"), [(True, 1), (False, 0)])
def test_the_connection_drops_after_the_mail_was_taken(mailbox: Mailbox, keep: bool, count: int) -> None:
    mailbox.behave("drop-after-data", keep=keep)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(mailbox, make())
    assert len(mailbox.mails()) == count


def test_the_reply_hangs_until_the_behaviour_changes(mailbox: Mailbox) -> None:
    mailbox.behave("hang-after-data")
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send, mailbox, make())
        mailbox.wait_for("a@example.org")
        assert not sending.done()
        mailbox.behave()
        sending.result(10)


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"accept": "maybe"}', b'{"other": 1}'])
def test_a_wrong_behaviour_is_refused(mailbox: Mailbox, body: bytes) -> None:
    request = urllib.request.Request(f"{mailbox.http_url}/api/behaviour", body, method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 422


def test_mails_and_numbers_survive_a_kill(mailbox: Mailbox) -> None:
    send(mailbox, make())
    before = mailbox.mails()
    mailbox.kill()
    mailbox.start()
    assert mailbox.mails() == before
    mailbox.clear()
    mailbox.kill()
    mailbox.start()
    send(mailbox, make())
    assert mailbox.mails()[0]["index"] == before[0]["index"] + 1


def test_many_mails(mailbox: Mailbox) -> None:
    raw = make().as_bytes()
    with smtplib.SMTP("127.0.0.1", mailbox.smtp_port) as client:
        for number in range(250):
            client.sendmail("office@example.org", [f"u{number}@example.org"], raw)
    assert len(mailbox.mails()) == 250
    assert page(mailbox, "/").count("<tr><td>") == 100
    assert page(mailbox, "/?page=2").count("<tr><td>") == 100
    assert json.loads(page(mailbox, "/api/mails?to=u249@example.org"))[0]["to"] == "u249@example.org"
