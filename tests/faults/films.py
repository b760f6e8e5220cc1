"""Films while processes are killed (-9) at random instants: `python -m tests.faults.films 1000`.

Nineteen kills in twenty hit a forked worker that uploads, finishes, prepares, exports or deletes; the twentieth hits
the whole served process with its workers. After each: nothing acknowledged is lost, at most one chunk is sent again.
At a film's end: its hash is the sender's, every job was finished once, no clear byte is in any file, and after its
deletion its key is in none.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CHUNK = 128 * 1024
DAY = "2021-07-05T10:00"
SPOKEN = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"
ONCE = ("films.added", "films.looked", "films.ready", "films.deleted")


class Film:
    """One film on its way through the house, and what its sender was told."""

    def __init__(self, number: int) -> None:
        import hashlib

        from tests.journey.films_cast import Clear, mp4, telling

        film = mp4(number % 4 + 1)
        pad = random.Random(number).randbytes(8 * CHUNK + number)
        self.content = film + (len(pad) + 8).to_bytes(4, "big") + b"free" + pad
        self.sha256 = hashlib.sha256(self.content).hexdigest()
        self.clear = Clear(telling(self.content))
        assert self.clear.is_in(b"before it" + self.content)
        self.address, self.acknowledged, self.sent_again, self.tries = "", 0, 0, 0


def forked(work: Any, delay: float) -> tuple[bool, list[str]]:
    """Runs `work(say)` in a fork and kills it after `delay` seconds: was it killed, and what did it say before."""
    from django.db import connections

    connections.close_all()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        code = 1
        try:
            work(lambda text: os.write(write, f"{text}\n".encode()))
            code = 0
        finally:
            os._exit(code)
    os.close(write)
    until = time.monotonic() + delay
    done, status = os.waitpid(child, os.WNOHANG)
    while not done and time.monotonic() < until:
        time.sleep(0.002)
        done, status = os.waitpid(child, os.WNOHANG)
    if not done:
        os.kill(child, signal.SIGKILL)
        _done, status = os.waitpid(child, 0)
    with os.fdopen(read) as said:
        lines = said.read().splitlines()
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "a worker failed by itself"
    return not done, lines


class World:
    """A data directory with one family whose film session was held; everything is done by the real actions."""

    def __init__(self, session: int, signed_in: str, chance: random.Random) -> None:
        self.session, self.signed_in, self.chance = session, signed_in, chance
        self.kills = {"upload": 0, "finish": 0, "prepare": 0, "export": 0, "delete": 0, "served": 0}
        # How long each work takes here and now, so that kills fall anywhere in it.
        self.takes = {"upload": 0.12, "finish": 0.08, "prepare": 0.3, "export": 0.06, "delete": 0.04}
        self.films = 0

    def client(self) -> Any:
        from django.test import Client

        client = Client(HTTP_HOST="localhost")
        client.cookies["sign_in"] = self.signed_in
        return client

    def until_done(self, kind: str, work: Any, done: Any, most: int = 12) -> None:
        """Works and kills until it is done; the last try is left alone."""
        tries = 0
        while not done():
            tries += 1
            delay = self.chance.uniform(0, self.takes[kind]) if tries <= most else 300
            began = time.monotonic()
            killed, said = forked(work, delay)
            whole = self.takes[kind] * 1.1 if killed else 1.2 * (time.monotonic() - began)
            self.takes[kind] += (whole - self.takes[kind]) / 3
            self.kills[kind] += killed
            self.heard(kind, said)

    def heard(self, kind: str, said: list[str]) -> None:
        film = self.film
        for line in said:
            word, _space, value = line.partition(" ")
            if word == "begun":
                film.address = value
            elif word == "here":
                # What was acknowledged is there, and no more than one chunk that was not.
                assert film.acknowledged <= int(value) <= film.acknowledged + CHUNK, (film.acknowledged, value)
                film.acknowledged = int(value)
            elif word == "sending":
                film.sent_again += int(value) < film.furthest
                film.furthest = max(film.furthest, int(value) + CHUNK)
            elif word == "acknowledged":
                film.acknowledged = int(value)
        film.tries += 1

    def live(self, number: int) -> None:
        """A film from its first byte to its receipt."""
        from attunement.journey.films import copies, ending_actions, preparing, upload_actions
        from attunement.journey.films import models as films

        self.film = film = Film(number)
        film.furthest = 0  # type: ignore[attr-defined]
        self.until_done("upload", self.upload, lambda: film.acknowledged == len(film.content), 40)
        assert film.sent_again <= film.tries
        self.clear_bytes()
        pk = film.address.strip("/").split("/")[-1]
        self.until_done("finish", lambda _say: self.client().post(film.address + "finish/"),
                        lambda: films.Film.objects.filter(pk=pk).exists())
        kept = films.Film.objects.select_related("family__site").get(pk=pk)
        assert kept.sha256 == film.sha256

        def prepare(_say: Any) -> None:
            from attunement.journey.films import store

            store.sweep()
            upload_actions.tidy_uploads()
            preparing.make_looks()
            preparing.make_working_copies()

        self.until_done("prepare", prepare, lambda: films.Film.objects.get(pk=pk).ready_at is not None)
        kept.refresh_from_db()
        assert not kept.fault and self.content_of(kept.pk) == film.sha256
        if not kept.clips.exists():
            films.Clip.objects.create(film=kept, first=7, last=25, principle=1, marked_by=kept.added_by,
                                      marked_at=kept.added_at)

        def export(_say: Any) -> None:
            copies.make_copy(by=kept.added_by, film=kept, clips=list(kept.clips.all()), whom="parent_copy")

        self.until_done("export", export, lambda: kept.copies.exists())
        self.clear_bytes()
        self.end(kept, ending_actions)
        self.films += 1

    def end(self, kept: Any, ending_actions: Any) -> None:
        from attunement.film.sealed import wrap
        from attunement.journey.films import store
        from attunement.journey.films.models import Deletion
        from attunement.journey.trail import keys
        from attunement.journey.trail.models import Entry

        secret = store.book().key(str(kept.pk))
        wrapped = wrap(secret, keys.named(store.MASTER))
        ending_actions.ask_deletion(by=kept.added_by, film=kept)
        store.back_up_keys()
        self.until_done("delete", lambda _say: ending_actions.delete_due(),
                        lambda: Deletion.objects.get(film=kept).done_at is not None)
        counts = {verb: Entry.objects.filter(verb=verb, what__contains=str(kept.pk)).count() for verb in ONCE}
        assert counts == dict.fromkeys(ONCE, 1), counts
        given_out = Entry.objects.filter(verb="films.copy_given_out", what__contains=str(kept.pk)).count()
        assert given_out == kept.copies.count()
        assert not list((_root() / "films").glob(f"{kept.pk}*"))
        for path in files():
            held = path.read_bytes()
            assert wrapped not in held and secret not in held, path

    def upload(self, say: Any) -> None:
        """A sender that was cut off anywhere: asks where to go on, and goes on to the end."""
        client, film = self.client(), self.film
        if not film.address:
            answer = client.post(f"/sessions/{self.session}/uploads/", headers=SPOKEN | {
                "Upload-Length": str(len(film.content)), "Upload-Metadata": "agreed eWVz"})
            assert answer.status_code == 201, answer.content
            film.address = answer["Location"]
            say(f"begun {film.address}")
        offset = int(client.head(film.address, headers=SPOKEN)["Upload-Offset"])
        say(f"here {offset}")
        while offset < len(film.content):
            say(f"sending {offset}")
            answer = client.generic("PATCH", film.address, film.content[offset : offset + CHUNK], content_type=BYTES,
                                    headers=SPOKEN | {"Upload-Offset": str(offset)})
            assert answer.status_code == 204, answer.status_code
            offset = int(answer["Upload-Offset"])
            say(f"acknowledged {offset}")

    def content_of(self, pk: Any) -> str:
        import hashlib

        from attunement.journey.films import store

        with store.open_film(pk) as clear:
            return hashlib.file_digest(clear, "sha256").hexdigest()

    def clear_bytes(self) -> None:
        """No file of the data directory holds a piece of the film as it is."""
        for path in files():
            assert not self.film.clear.is_in(path.read_bytes()), path

    def served_film(self, server: Any, number: int) -> None:
        """A film sent to the real server, which is killed with its workers while it arrives and is made ready."""
        from django.db import connections

        from attunement.journey.films import ending_actions
        from attunement.journey.films import models as films

        self.film = film = Film(number)
        kill_at = time.monotonic() + self.chance.uniform(0.05, 0.6)
        pk = ""
        while True:
            if time.monotonic() > kill_at:
                connections.close_all()
                server.kill()
                self.kills["served"] += 1
                server.restart(DAY)
                kill_at = time.monotonic() + self.chance.uniform(0.05, 2.5) if self.kills["served"] % 4 else 1e12
            if not pk and self.step(server):
                pk = film.address.strip("/").split("/")[-1]
            kept = films.Film.objects.filter(pk=pk or None).first()
            if kept is not None and kept.ready_at is not None:
                break
            if pk:
                time.sleep(0.05)
        assert kept.sha256 == film.sha256 == self.content_of(kept.pk)
        self.clear_bytes()
        kept = films.Film.objects.select_related("family__site").get(pk=pk)
        self.end(kept, ending_actions)
        self.films += 1

    def step(self, server: Any) -> bool:
        """One request of the sender; True when the film is kept. A server that is gone is asked again."""
        film = self.film
        try:
            if not film.address:
                answer = self.ask(server, "POST", f"/sessions/{self.session}/uploads/", b"", **{
                    "Upload-Length": str(len(film.content)), "Upload-Metadata": "agreed eWVz"})
                film.address = answer.getheader("Location") or ""
                return False
            offset = int(self.ask(server, "HEAD", film.address).getheader("Upload-Offset") or -1)
            if offset < 0:
                return False
            assert film.acknowledged <= offset <= film.acknowledged + CHUNK
            film.acknowledged = offset
            if offset == len(film.content):
                return self.ask(server, "POST", film.address + "finish/").status == 302
            answer = self.ask(server, "PATCH", film.address, film.content[offset : offset + CHUNK],
                              **{"Upload-Offset": str(offset), "Content-Type": BYTES})
            film.acknowledged = int(answer.getheader("Upload-Offset") or film.acknowledged)
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
        return False

    def ask(self, server: Any, method: str, path: str, body: bytes = b"", **headers: str) -> Any:
        with contextlib.closing(http.client.HTTPConnection("localhost", server.port, timeout=30)) as connection:
            token = "a" * 32
            connection.request(method, path, body, SPOKEN | headers | {
                "Cookie": f"csrftoken={token}; sign_in={self.signed_in}", "X-CSRFToken": token,
                "Content-Length": str(len(body))})
            answer = connection.getresponse()
            answer.read()
            return answer


def _root() -> Path:
    from django.conf import settings

    return Path(settings.PLACE.root)


def files() -> list[Path]:
    return [path for path in _root().rglob("*") if path.is_file() and path.name != "films.master"]


def prepared(chance: random.Random) -> World:
    from tests import cast
    from tests.faults.world import _sign_in, migrated
    from tests.journey.films_cast import filmed, session

    migrated()
    cast.open_programme()
    programme = cast.Programme()
    family = filmed(programme)
    world = World(session(family).pk, _sign_in(programme.people["practitioner"]), chance)
    world.client().get(f"/sessions/{world.session}/film/")  # what a first request loads, forks need not load again
    return world


def main(kills: int, seed: int = 1) -> int:
    from attunement.web import place

    folder = Path(tempfile.mkdtemp(prefix="attunement-film-faults-")) / "data"
    place.create(folder, demonstration=True, staff_totp=False)
    os.environ |= {"ATTUNEMENT_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "attunement.web.settings",
                   "ATTUNEMENT_CLOCK": DAY, "ATTUNEMENT_LOG": "ERROR"}
    import django

    django.setup()
    from tests.servers import served

    world, number = prepared(random.Random(seed)), 0
    while sum(world.kills.values()) < kills - kills // 20:
        world.live(number)
        number += 1
    if kills >= 20:
        with served(folder, clock=DAY) as server:
            while world.kills["served"] < kills // 20:
                world.served_film(server, number)
                number += 1
    print(f"{sum(world.kills.values())} kills ({', '.join(f'{n} in {kind}' for kind, n in world.kills.items())}), "
          f"{world.films} films: nothing acknowledged lost, hashes equal, at most one chunk sent again, no clear byte "
          "and no destroyed key in any file, every job finished once.")
    shutil.rmtree(folder.parent, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
