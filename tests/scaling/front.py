"""An installation that is deployed as Kubernetes does it: new processes before old ones end, a balancer before each service."""

import asyncio

from deploy.local.installation import Installation
from deploy.local.service import Service
from tests.faults.breaking import start
from tests.scaling.balancer import Balancer

PAUSE_SECONDS = 1.0  # a Pod's preStop: by then nobody sends it anything new
STOP_SECONDS = 18.0


class Front:
    """An installation whose services reach each other, and are reached, through balancers."""

    def __init__(self, installation: Installation, balancers: dict[str, Balancer]) -> None:
        self.installation, self._balancers = installation, balancers
        self.site = balancers["registration"].url

    async def begin(self) -> None:
        """Two processes of registration, one of each other service."""
        beside = self.installation.replica("registration")
        await asyncio.gather(asyncio.to_thread(self.installation.start_all), start(beside))
        for service in (*self.installation.services.values(), beside):
            await self._put(service)

    async def replace(self, old: Service) -> None:
        """As Kubernetes does: the new one is ready before the old one is told to end."""
        new = self.installation.replica(old.name)
        await start(new)
        await self._put(new)
        if old.name in self._balancers:
            self._balancers[old.name].take_off(old)
        await asyncio.sleep(PAUSE_SECONDS)
        old.terminate()
        assert await asyncio.to_thread(old.wait_exit, STOP_SECONDS) == 0, old.log_text()
        if self.installation.services[old.name] is old:
            self.installation.services[old.name] = new

    async def _put(self, service: Service) -> None:
        if service.name in self._balancers:
            await self._balancers[service.name].put(service)

    def processes(self, name: str) -> list[Service]:
        made = self.installation
        return [one for one in {id(one): one for one in (made.services[name], *made.replicas)}.values() if one.name == name]
