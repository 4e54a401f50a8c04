"""When a form was first shown, carried by the form itself: signed, so that nobody can claim another time."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from datetime import datetime

TIME_BYTES, MAC_BYTES = 6, 16
# What personal links sign is longer, so that neither can ever pass for the other, whatever is signed.
PURPOSE = b"form shown"


def make(now: datetime | float, keys: Sequence[str]) -> str:
    """The stamp of this moment, signed with the first key: 30 letters of the URL-safe alphabet."""
    shown_at = int(_seconds(now) * 1000).to_bytes(TIME_BYTES, "big")
    return base64.urlsafe_b64encode(shown_at + _mac(shown_at, keys[0])).decode().rstrip("=")


def age(stamp: str, now: datetime | float, keys: Sequence[str]) -> float | None:
    """Seconds since the form was first shown. None for a missing or forged stamp, or one that is from the future."""
    try:
        raw = base64.b64decode(stamp + "=" * (-len(stamp) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    shown_at, mac = raw[:TIME_BYTES], raw[TIME_BYTES:]
    matches = [hmac.compare_digest(mac, _mac(shown_at, key)) for key in keys]
    seconds = _seconds(now) - int.from_bytes(shown_at, "big") / 1000
    # Replicas have clocks of their own: where they disagree, nothing is known.
    return seconds if any(matches) and seconds >= 0 else None


def _seconds(moment: datetime | float) -> float:
    return moment.timestamp() if isinstance(moment, datetime) else moment


def _mac(shown_at: bytes, key: str) -> bytes:
    return hmac.digest(key.encode(), PURPOSE + shown_at, "sha256")[:MAC_BYTES]
