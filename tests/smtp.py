"""A small SMTP server for tests: takes mails, and leaves the connection when it is told to."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Server(socketserver.ThreadingTCPServer):
    """On a free port of this machine. What it has taken stands in `taken`: the recipients, in order."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.taken: list[str] = []
        self.connections = 0
        self.leave_after_mail = False
        """Close each connection after one mail, without a word."""
        self.busy: set[str] = set()
        """Recipients that are answered with 421, after which the connection is closed (RFC 5321 §3.8)."""
        self.cut: set[str] = set()
        """Recipients whose mail is taken and whose connection is cut before that is said."""
        self.most_connections = 1000
        """After so many, each new one is turned away."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Handler(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        self.server.connections += 1
        if self.server.connections > self.server.most_connections:
            self.say("421 not now")
            return
        self.say("220 here")
        recipient = ""
        for raw in self.rfile:
            words = raw.decode().strip()
            command = words[:4].upper()
            if command == "RCPT":
                recipient = words[words.index("<") + 1 : words.index(">")]
                if recipient in self.server.busy:
                    self.say("421 too busy")
                    return
            if command == "DATA":
                if not self.take(recipient):
                    return
            elif command == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 well")

    def take(self, recipient: str) -> bool:
        """Take a mail; whether the connection goes on."""
        self.say("354 go on")
        for raw in self.rfile:
            if raw == b".\r\n":
                break
        self.server.taken.append(recipient)
        if recipient in self.server.cut:
            return False
        self.say("250 taken")
        return not self.server.leave_after_mail

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def serving(settings: Any) -> Iterator[Server]:
    """A server that the settings lead to."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
