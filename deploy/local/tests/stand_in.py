"""Stands in for a service: ready at once, shows its environment, has a child; STAND_IN=broken or slow makes it fail."""

import json
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        content = json.dumps({"env": dict(os.environ), "child": child.pid}).encode()
        self.send_response(503 if os.environ.get("STAND_IN") == "slow" else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        return


if os.environ.get("STAND_IN") == "broken":
    sys.exit("cannot start: the moon is in the wrong house")
child = subprocess.Popen(["sleep", "1000"])
HTTPServer(("127.0.0.1", int(os.environ["MYBUDDY_HTTP_PORT"])), Answer).serve_forever()
