"""Reading forms: urlencoded, bounded, in UTF-8; anything else is one clear fault."""

import re
import secrets
from urllib.parse import parse_qs

from email_validator import EmailNotValidError, validate_email
from fastapi import Request

from services.registration.domain.answers import FieldError, Form, first
from services.registration.domain.text import clean

MOST_BYTES, MOST_FIELDS = 32_768, 150


def new_token() -> str:
    """Makes a form's sign-up the same however often it is sent."""
    return secrets.token_urlsafe(18)


def is_token(form: Form) -> bool:
    """Whether the form carries a token that one of our pages may have made."""
    return bool(re.fullmatch(r"[A-Za-z0-9_-]{16,64}", first(form, "form_token")))


async def read_form(request: Request) -> Form | FieldError:
    """Field names to their values in order."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return FieldError("form_token", "too_large")
    try:
        return parse_qs(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        return FieldError("form_token", "form_expired")


def address(typed: str) -> str | None:
    """The address as mail servers write it, in ASCII; None where no mail could be sent there.

    The domain is not asked for, which would tell others who signs up.
    """
    try:
        return validate_email(clean(typed), check_deliverability=False, allow_smtputf8=False).ascii_email
    except EmailNotValidError:
        return None
