"""Fresh keys and secrets of one installation; nothing is kept between runs."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path


def two_secrets() -> str:
    return f"{secrets.token_hex(32)},{secrets.token_hex(32)}"


@dataclass(frozen=True)
class Keys:
    """Two of each secret: the first is used, both are accepted, as while they are rotated."""

    coordinator_public: str
    coordinator_private_file: Path
    links: str = field(default_factory=two_secrets, repr=False)
    notification: str = field(default_factory=two_secrets, repr=False)
    registration: str = field(default_factory=two_secrets, repr=False)


def make_keys(folder: Path) -> Keys:
    """The coordinators' private key goes into a file only we can read."""
    # Slow to import, and not every stack has an installation.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    folder.mkdir(parents=True, exist_ok=True)
    private = Ed25519PrivateKey.generate()
    file = folder / "coordinator.pem"
    file.touch(mode=0o600)
    file.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return Keys(public.decode(), file)
