"""Something that answers where a service should be, with whatever it is told to say."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class StandIn:
    """`says`: status and body by path, beginning with the method; all else is 404. `heard`: path and token of each request."""

    says: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    heard: list[tuple[str, str | None]] = field(default_factory=list)
    url: str = ""

    @contextmanager
    def listening(self) -> "Iterator[StandIn]":
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                asked = f"{self.command} {self.path}"
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                stand_in.heard.append((asked, self.headers["Authorization"]))
                status, body = stand_in.says.get(asked, (404, b'{"detail": "Not Found"}'))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer  # noqa: N815 - the library's names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                return

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
            self.url = f"http://127.0.0.1:{server.server_address[1]}"
            yield self
            server.shutdown()
