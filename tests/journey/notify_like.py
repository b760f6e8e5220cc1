"""A server on this computer that answers as GOV.UK Notify does: signed requests, templates, numbers, references, errors."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SERVICE, SECRET = "a" * 8 + "-1111-2222-3333-" + "b" * 12, "c" * 8 + "-4444-5555-6666-" + "d" * 12
KEY = f"test_key-{SERVICE}-{SECRET}"
TEMPLATES = {kind: str(uuid.uuid5(uuid.NAMESPACE_DNS, kind)) for kind in ("email", "sms", "letter")}
ADDRESSED = {"email": "email_address", "sms": "phone_number", "letter": "personalisation"}


class Notify(ThreadingHTTPServer):
    """`taken`: number → what was taken. `fails`: status codes to answer with, one a request, before anything is taken;
    `dies`: take what comes, and close the line without an answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.taken: dict[str, dict[str, Any]] = {}
        self.fails: list[int] = []
        self.dies = 0


class Handler(BaseHTTPRequestHandler):
    server: Notify

    def log_message(self, *_given: Any) -> None:
        pass

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kind = self.path.removeprefix("/v2/notifications/")
        if self._refused():
            return
        wanting = {"template_id", ADDRESSED.get(kind, "?")} - set(asked)
        if wanting or asked["template_id"] != TEMPLATES[kind]:
            self._answer(400, _error(400, "BadRequestError", f"{wanting or 'Template'} not found"))
            return
        if kind == "letter" and "address_line_3" not in asked["personalisation"]:
            self._answer(400, _error(400, "ValidationError", "address_line_3 is a required property"))
            return
        number = str(uuid.uuid4())
        self.server.taken[number] = {"id": number, "type": kind, "status": "created", "reference": asked.get("reference"),
                                     "asked": asked}
        if self.server.dies:
            self.server.dies -= 1
            self.close_connection = True
            return
        self._answer(201, {"id": number, "reference": asked.get("reference"), "content": {"body": "…"},
                           "uri": f"/v2/notifications/{number}", "template": {"id": asked["template_id"], "version": 1}})

    def do_GET(self) -> None:
        if self._refused():
            return
        at = urlsplit(self.path)
        if at.path == "/v2/notifications":
            wanted = parse_qs(at.query).get("reference", [""])[0]
            found = [one for one in self.server.taken.values() if one["reference"] == wanted]
            self._answer(200, {"notifications": found, "links": {"current": self.path}})
            return
        one = self.server.taken.get(at.path.removeprefix("/v2/notifications/"))
        self._answer(*(200, one) if one else (404, _error(404, "NoResultFound", "No result found")))

    def _refused(self) -> bool:
        if not _signed(self.headers.get("Authorization", "")):
            self._answer(403, _error(403, "AuthError", "Invalid token: API key not found"))
            return True
        if self.server.fails:
            code = self.server.fails.pop(0)
            self._answer(code, _error(code, "Error", "phone_number 07700 900123 is not valid"))
            return True
        return False

    def _answer(self, code: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _error(code: int, kind: str, message: str) -> dict[str, Any]:
    return {"status_code": code, "errors": [{"error": kind, "message": message}]}


def _signed(header: str) -> bool:
    """A JSON web token (RFC 7519) of this service, signed by HMAC-SHA256 with the key's last part within 30 seconds."""
    head, _dot, signature = header.removeprefix("Bearer ").rpartition(".")
    wanted = hmac.new(SECRET.encode(), head.encode(), hashlib.sha256).digest()
    if not head or not hmac.compare_digest(base64.urlsafe_b64encode(wanted).rstrip(b"="), signature.encode()):
        return False
    claims = head.split(".")[1]
    said = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    return bool(said["iss"] == SERVICE and abs(time.time() - said["iat"]) <= 30)


@contextmanager
def notify() -> Iterator[Notify]:
    with Notify() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()
