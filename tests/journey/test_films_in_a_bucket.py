"""Films in an S3-compatible store, against a local server: the same house, another place for sealed objects."""

from __future__ import annotations

from dataclasses import replace

import boto3
import pytest
from django.urls import reverse
from moto.server import ThreadedMotoServer

from attunement.journey.films import ending_actions, objects, preparing, store
from attunement.journey.films.models import Film
from attunement.journey.trail.errors import Refused
from attunement.web import place
from tests.journey.films_cast import added, filmed, mp4, on_disk, telling


@pytest.fixture(scope="module")
def server():
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    yield "http://{}:{}".format(*moto.get_host_and_port())
    moto.stop()


@pytest.fixture
def bucket(server, settings):
    settings.PLACE = replace(settings.PLACE, films=f"s3://key:se%2Fcret@films/study?endpoint={server}&region=eu-west-2")
    made = boto3.resource("s3", endpoint_url=server, aws_access_key_id="key", aws_secret_access_key="se/cret",
                          region_name="eu-west-2").Bucket("films")
    made.create(CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    yield made
    made.objects.all().delete()
    made.delete()


def test_a_film_lives_and_ends_in_the_bucket(programme, bucket, browse):
    before = on_disk()
    film = added(programme, filmed(programme))
    preparing.make_looks()
    preparing.make_working_copies()
    names = sorted(kept.key for kept in bucket.objects.all())
    assert names == sorted(f"study/{store.object_name(film.pk, part)}" for part in ("", "look", "map", "working"))
    held = b"".join(kept.get()["Body"].read() for kept in bucket.objects.all())
    assert not [piece for piece in telling(mp4()) if piece in held]
    assert on_disk() - before == {str(film.pk)}
    with store.open_film(film.pk) as clear:
        clear.seek(1000)
        assert clear.read(20_000) == mp4()[1000:21_000]
    answer = browse("practitioner").get(reverse("play", args=[film.pk]), headers={"Range": "bytes=100-1999"})
    assert answer.status_code == 206 and len(b"".join(answer.streaming_content)) == 1900
    assert preparing.look_of(Film.objects.get(pk=film.pk)).about["pictures"] == 1
    ending_actions.ask_deletion(by=programme.people["practitioner"], film=film)
    assert ending_actions.delete_due() == 1 and not list(bucket.objects.all()) and on_disk() == before


def test_while_the_store_does_not_answer_the_film_waits_and_plays(programme, bucket, browse, monkeypatch):
    def gone(*_given: object) -> None:
        raise OSError(5, "the store of films does not answer as it should")

    with monkeypatch.context() as patched:
        patched.setattr(objects.Bucket, "put", gone)
        film = added(programme, filmed(programme))
    assert not list(bucket.objects.all())
    with store.open_film(film.pk) as clear:
        assert clear.read() == mp4()
    assert store.sweep() == 1 and [kept.key for kept in bucket.objects.all()]
    with store.open_film(film.pk) as clear:
        assert clear.read() == mp4()


def test_what_the_store_cannot_give_is_said(programme, bucket):
    film = added(programme, filmed(programme))
    bucket.objects.all().delete()
    with pytest.raises(Refused, match="cannot be opened"):
        store.open_film(film.pk)


@pytest.mark.parametrize("address", ["ftp://bucket", "s3://", "bucket", "s3://a b/c"])
def test_an_address_that_is_none_is_said(tmp_path, address):
    with pytest.raises(place.PlaceError, match="films must look like s3://"):
        place.create(tmp_path / "data", films=address)
