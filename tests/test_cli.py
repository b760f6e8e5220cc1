"""The command line: one clear line and the right exit code for every mistake, and a real study from its first command."""

from __future__ import annotations

import hashlib
import http.cookiejar
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from attunement import cli
from attunement.web import place
from tests.journey.test_second_factor import code_of, secret_in, wrong_code
from tests.servers import Served, served

SECRET = f'secret_key = "{"k" * 40}"\n'
PASSWORD = "three odd words here"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch):
    for name in ("ATTUNEMENT_DATA", "ATTUNEMENT_DATABASE", "ATTUNEMENT_ADDRESS", "ATTUNEMENT_CLOCK"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def refused(capsys, *words: str, code: int = 1) -> str:
    """Runs a command that must fail; returns its one line."""
    try:
        ended = cli.main(words)
    except SystemExit as stop:
        ended = stop.code
    out, err = capsys.readouterr()
    last = err.strip().splitlines()[-1]
    assert (ended, out) == (code, ""), (words, err)
    assert last.startswith("attunement") and "unforeseen" not in err and "Traceback" not in err, err
    assert code == 2 or len(err.strip().splitlines()) == 1, err
    return last


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if name not in ("ATTUNEMENT_DATA", "DJANGO_SETTINGS_MODULE")}
    return subprocess.run([sys.executable, "-m", "attunement.cli", *words], env=known | environment, text=True,
                          capture_output=True, timeout=60)


@pytest.mark.parametrize("words", [
    "", "nonsense", "new", "new x", "serve --port 0", "serve --port 99999", "serve --port x", "serve --workers 0",
    "serve --workers 100", "demo --families none", "rehearse vig", "rehearse vig --to x --effect x",
    "rehearse vig --to x --effect 6", "rehearse vig --to x --effect nan", "rehearse vig --to x --families 0",
    "rehearse vig --to x --seed -1", "rehearse vig --to x --seed 1.5", "snapshot", "report", "report x", "study",
    "study nonsense", "study check", "study check vig --what", "study diff vig"])
def test_wrong_words_end_with_2(capsys, words):
    assert "error: " in refused(capsys, *words.split(), code=2)


def test_a_new_study_is_refused_where_it_cannot_lie(capsys, tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("x")
    owner = ("--owner", "me@example.org")
    assert "not an empty folder" in refused(capsys, "new", str(tmp_path / "file"), *owner)
    assert "not an empty folder" in refused(capsys, "new", str(tmp_path / "full"), *owner)
    assert "Not a directory" in refused(capsys, "new", str(tmp_path / "file" / "below"), *owner)
    assert "source tree" in refused(capsys, "new", str(Path(place.__file__).parent / "study"), *owner)
    assert os.listdir(tmp_path / "full") == ["mine"] and sorted(os.listdir(tmp_path)) == ["file", "full"]


@pytest.mark.parametrize(("words", "said"), [
    (["--owner", "nobody"], "no e-mail address"), (["--owner", "a b@example.org"], "no e-mail address"),
    (["--owner", ""], "no e-mail address"), (["--owner", "me@example.org", "--study", "nonsense"], "there is no such file"),
    (["--owner", "me@example.org", "--study", __file__], "cannot be read as TOML"),
    (["--owner", "me@example.org", "--address", "somewhere"], "address must look like"),
    (["--owner", "me@example.org", "--address", "javascript:alert(1)"], "address must look like"),
    (["--owner", "me@example.org", "--address", 'https://x"y\\z'], "address must look like")])
def test_a_new_study_with_a_mistake_leaves_nothing(capsys, tmp_path, words, said):
    assert said in refused(capsys, "new", str(tmp_path / "study"), *words)
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize(("settings", "said"), [
    (None, "holds no study"), ('secret_key = "a', "cannot be read"), (b"\xff\xfe", "cannot be read"),
    (SECRET + "colour = 1", "unknown setting 'colour'"), (SECRET + 'staff_totp = "yes"', "must be true or false"),
    ("secret_key = 5", "must be text"), ('secret_key = "short"', "shorter than 32"), ("staff_totp = true", "is missing"),
    (SECRET + 'address = "here"', "address must look like"), (SECRET + 'mail = "smtp://h:abc"', "mail must look like"),
    (SECRET + 'database = "mysql://a/b"', "database must look like"), (SECRET, "has lost its database"),
    (SECRET + 'database = "postgresql://user:hidden@host:99999/name"', "database must look like")])
def test_a_broken_data_directory_is_named(capsys, tmp_path, monkeypatch, settings, said):
    if settings is not None:
        (tmp_path / place.CONFIG).write_bytes(settings if isinstance(settings, bytes) else settings.encode())
    before = sorted(os.listdir(tmp_path))
    monkeypatch.setenv("ATTUNEMENT_DATA", str(tmp_path))
    for words in (["serve"], ["snapshot", "--by", "me@example.org"]):
        line = refused(capsys, *words)
        assert said in line and "hidden" not in line
    assert sorted(os.listdir(tmp_path)) == before


def test_reports_and_rehearsals_are_refused_where_they_cannot_lie(capsys, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    assert "no snapshot folder" in refused(capsys, "report", str(tmp_path / "nowhere"), "--to", str(tmp_path / "to"))
    (tmp_path / "empty").mkdir()
    assert "is no snapshot" in refused(capsys, "report", str(tmp_path / "empty"), "--to", str(tmp_path / "to"))
    (tmp_path / "empty").rmdir()
    for to in (tmp_path, tmp_path / "file"):
        assert "not an empty folder" in refused(capsys, "rehearse", "vig", "--to", str(to))
    assert "no such file" in refused(capsys, "rehearse", "nonsense", "--to", str(tmp_path / "to"))
    assert "no such file" in refused(capsys, "study", "diff", "vig", "nonsense")
    monkeypatch.setenv("ATTUNEMENT_DATABASE", "postgresql://somebody@/real")
    assert "ATTUNEMENT_DATABASE is set" in refused(capsys, "rehearse", "vig", "--to", str(tmp_path / "to"))
    monkeypatch.setenv("ATTUNEMENT_DATA", str(tmp_path / "demo"))
    assert "ATTUNEMENT_DATABASE is set" in refused(capsys, "demo", "--no-serve")
    assert os.listdir(tmp_path) == ["file"]


def test_a_database_that_is_not_there_leaves_no_half_study(tmp_path):
    ended = run("new", str(tmp_path / "study"), "--owner", "me@example.org",
                ATTUNEMENT_DATABASE="postgresql://user:hidden@localhost:1/name")
    assert ended.returncode == 1 and ended.stderr.count("\n") == 1 and "hidden" not in ended.stderr
    assert "database cannot be opened" in ended.stderr and not (tmp_path / "study").exists()


def test_a_clock_that_is_none_is_named_in_a_demonstration(tmp_path):
    place.create(tmp_path, demonstration=True)
    (tmp_path / "study.sqlite3").touch()
    ended = run("serve", ATTUNEMENT_DATA=str(tmp_path), ATTUNEMENT_CLOCK="tomorrow")
    assert ended.returncode == 1 and ended.stderr.strip() == (
        "attunement: ATTUNEMENT_CLOCK is 'tomorrow'; it must look like 2021-11-10T09:00.")


def test_study_files_are_checked_line_by_line(capsys, tmp_path):
    (tmp_path / "typo.toml").write_text("[study\n")
    assert cli.main(["study", "check", str(tmp_path / "typo.toml")]) == 1
    assert "typo.toml:1: error:" in capsys.readouterr().out
    assert cli.main(["study", "check", "vig"]) == 0
    assert cli.main(["study", "check", "vig", "--strict"]) == 1
    assert cli.main(["study", "diff", "vig", "vig"]) == 0
    assert "The two say the same." in capsys.readouterr().out


class Browser:
    """A browser without a screen: cookies, forms with their hidden token, redirects."""

    def __init__(self, address: str) -> None:
        self.address, self.page, self.url = address, "", ""
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)

    def open(self, path: str, form: dict[str, str] | None = None) -> int:
        if form is not None:
            token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.page)
            form = form | {"csrfmiddlewaretoken": token[1] if token else ""}
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        try:
            answer = self._opener.open(self.address + path, data, timeout=20)
        except urllib.error.HTTPError as error:
            answer = error
        self.page, self.url = answer.read().decode(), answer.url.removeprefix(self.address)
        assert "DEMONSTRATION" not in self.page
        return int(answer.status)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, str]:
    """A real study from `attunement new`, and the owner's link."""
    data = tmp_path_factory.mktemp("real") / "study"
    ended = run("new", str(data), "--owner", "me@example.org")
    assert ended.returncode == 0, ended.stderr
    return data, re.search(r"/invitation/[\w-]+/", ended.stdout)[0]  # type: ignore[index]


def test_a_study_is_made_once(made, tmp_path):
    data, _link = made
    before = hashlib.sha256((data / place.CONFIG).read_bytes()).digest()
    again = run("new", str(data), "--owner", "me@example.org")
    assert again.returncode == 1 and "holds a study already" in again.stderr
    assert hashlib.sha256((data / place.CONFIG).read_bytes()).digest() == before
    assert (data / place.CONFIG).stat().st_mode & 0o077 == 0


def test_an_older_database_is_brought_up_to_date(made, tmp_path):
    data, _link = made
    older = tmp_path / "older"
    older.mkdir()
    for name in (place.CONFIG, "study.sqlite3"):
        (older / name).write_bytes((data / name).read_bytes())
    step = ("import django; django.setup()\n"
            "from django.core.management import call_command\n"
            "call_command('migrate', 'sessions', 'zero', verbosity=0)\n")
    known = dict(os.environ, ATTUNEMENT_DATA=str(older), DJANGO_SETTINGS_MODULE="attunement.web.settings")
    subprocess.run([sys.executable, "-c", step], env=known, check=True)
    ended = run("snapshot", "--by", "nobody@example.org", ATTUNEMENT_DATA=str(older))
    assert "Nobody here has the address" in ended.stderr
    shown = subprocess.run([sys.executable, "-m", "django", "showmigrations", "--plan"], env=known, text=True,
                           capture_output=True, check=True).stdout
    assert "[X]" in shown and "[ ]" not in shown


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def soon(true, seconds: float = 15) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.2)
    return False


def test_a_real_study_from_its_first_command_to_its_first_invitation(made):
    data, link = made
    with served(data, clock="2021-11-10T09:00") as server:
        browser = Browser(server.address)
        sign_in_with_an_app(browser, link)
        browser.open("/people/invite/")
        browser.open("/people/invite/", {"name": "New Manager", "email": "manager@example.org", "role": "trial_manager"})
        assert browser.url == "/people/" and "The invitation is on its way" in browser.page
        outbox = data / "outbox"
        assert soon(lambda: outbox.exists() and any(outbox.glob("*.txt")))
        letters = [path.name for path in outbox.iterdir()]
        assert letters == ["00000001.txt"] and "manager@example.org" in (outbox / letters[0]).read_text()
        invited = Browser(server.address)
        assert invited.open(re.search(r"/invitation/[\w-]+/", (outbox / letters[0]).read_text())[0]) == 200  # type: ignore[index]
        the_clock_is_the_wall_s(data)
        ends_whole_when_killed(server)
    logged = (data / "server.log").read_text()
    assert "manager@example.org" not in logged and link.split("/")[2] not in logged and "/people/" not in logged


def sign_in_with_an_app(browser: Browser, link: str) -> None:
    assert browser.open("/") == 200 and browser.url.startswith("/accounts/login/")
    assert browser.open(link) == 200 and "Choose a password" in browser.page
    assert browser.open(link, {"password": "short"}) == 422
    assert browser.open(link, {"password": PASSWORD}) == 200
    assert browser.open(link) == 410
    browser.open("/accounts/login/")
    browser.open("/accounts/login/", {"login": "me@example.org", "password": PASSWORD})
    assert browser.url == "/accounts/2fa/totp/activate/"
    browser.open("/people/")
    assert browser.url == "/accounts/2fa/totp/activate/"
    secret = secret_in(browser.page)
    browser.open(browser.url, {"code": wrong_code(secret)})
    assert browser.url == "/accounts/2fa/totp/activate/"
    browser.open(browser.url, {"code": code_of(secret)})
    codes = re.findall(r"<li><code>(\d+)</code>", browser.page)
    assert len(codes) == 10
    browser.open("/")
    assert browser.url == "/" and "People and roles" in browser.page
    browser.open("/accounts/logout/", {})
    browser.open("/accounts/login/")
    browser.open("/accounts/login/", {"login": "me@example.org", "password": PASSWORD})
    assert browser.url == "/accounts/2fa/authenticate/"
    browser.open(browser.url, {"code": codes[0]})
    assert browser.url == "/"


def the_clock_is_the_wall_s(data: Path) -> None:
    import sqlite3

    with sqlite3.connect(data / "study.sqlite3") as database:
        days = {row[0][:4] for row in database.execute("SELECT at FROM trail_entry")}
    assert "2021" not in days


def ends_whole_when_killed(server: Served) -> None:
    """The server alone is killed, not its group: neither the worker nor a server process is left behind."""
    below = children(server.process.pid)
    assert len(below) >= 2
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    assert soon(lambda: not any(runs(pid) for pid in below))
