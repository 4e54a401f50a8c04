"""A database that is elsewhere is asked by TLS, and only where it is the one that its certificate names."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest

from deploy.local.certificate import HOST, certificate
from deploy.local.databases import Role
from deploy.local.installation import Installation
from deploy.local.process import ROOT
from deploy.local.service import Service
from tests.integration.secured_postgres import secured
from tests.rounds import until


@dataclass
class Site:
    """An installation, whose databases are also behind a door at `port`; files of the door's authority, and of another."""

    installation: Installation
    port: int
    authority: Path
    other: Path

    def url(self, role: Role, authority: Path, host: str = HOST) -> str:
        """geo's database, asked as an operator's Secret says."""
        inner = urlsplit(self.installation.database_url("geo", role))
        login = inner.netloc.rpartition("@")[0]
        query = f"sslmode=verify-full&sslrootcert={authority}"
        return urlunsplit(inner._replace(netloc=f"{login}@{host}:{self.port}", query=query))

    def migrate(self, url: str) -> "subprocess.CompletedProcess[str]":
        app = str(urlsplit(self.installation.database_url("geo")).username)
        command = [sys.executable, "-m", "shared.runtime.migrate", "geo", "--url", url, "--app", app]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
async def site(installation: Installation, tmp_path: Path) -> AsyncIterator[Site]:
    (authority, keystore), (other, _) = certificate(), certificate()
    files = {name: tmp_path / f"{name}.pem" for name in ("authority", "keystore", "other")}
    for name, text in (("authority", authority), ("keystore", keystore), ("other", other)):
        files[name].write_text(text)
    port = urlsplit(installation.database_url("geo")).port
    assert port
    async with secured(port, files["keystore"]) as door:
        yield Site(installation, door, files["authority"], files["other"])


async def test_it_is_migrated_and_served(site: Site) -> None:
    done = await asyncio.to_thread(site.migrate, site.url("owner", site.authority))
    assert (done.returncode, done.stderr) == (0, "")
    geo = site.installation.services["geo"]
    await asyncio.to_thread(geo.start, {"MYBUDDY_DATABASE_URL": site.url("app", site.authority)})
    assert "waiting" not in geo.log_text()


SOMEBODY_ELSE = [
    ("other", HOST, "certificate signature failure"),
    ("authority", "localhost", "Hostname mismatch, certificate is not valid for 'localhost'."),
]


@pytest.mark.parametrize(("authority", "host", "reason"), SOMEBODY_ELSE)
async def test_whoever_answers_in_its_place_is_told_nothing_and_the_reason_is_said(
    site: Site, authority: str, host: str, reason: str
) -> None:
    known: Path = getattr(site, authority)
    done = await asyncio.to_thread(site.migrate, site.url("owner", known, host))
    assert done.returncode == 1
    assert done.stderr.startswith("geo_app could not be given its rights in the database of geo: ")
    assert reason in done.stderr
    geo = site.installation.services["geo"]
    await asyncio.to_thread(geo.start, {"MYBUDDY_DATABASE_URL": site.url("app", known, host)}, wait=False)
    await until("it says why it waits", partial(_says, geo, reason))
    async with httpx.AsyncClient(base_url=geo.url) as client:
        assert (await client.get("/readyz")).json()["missing"] == ["database"]


async def _says(service: Service, reason: str) -> bool:
    lines = [line for line in service.log_text().splitlines() if '"waiting"' in line]
    return any("SSLCertVerificationError" in line and reason in line for line in lines)
