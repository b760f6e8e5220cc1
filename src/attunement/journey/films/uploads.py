"""A film is sealed chunk by chunk while it arrives: no clear temporary file, and no more than a chunk in memory."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser

from attunement.film import sealed
from attunement.journey.films.store import Arriving, not_stored

FIELD = "film"
ONE_FILM = "Send one film at a time, in the form's own field."


class Arrived(UploadedFile):
    """What the form is given: a film that lies sealed on the disk, or `fault`, the reason why it was not taken in.

    Django closes it when the request ends, whichever way that goes; what no action has kept goes then.
    """

    def __init__(self, name: str, fault: str) -> None:
        super().__init__(name=name, size=0)
        self.arriving: Arriving | None = None
        self.fault = fault

    def begin(self) -> None:
        if not self.fault:
            self._try(self._open)

    def _open(self) -> None:
        self.arriving = Arriving()

    def take(self, data: bytes) -> None:
        if self.arriving is not None:
            self._try(self.arriving.write, data)

    def finish(self) -> None:
        if self.arriving is not None:
            self._try(self.arriving.finish)
        self.size = self.arriving.size if self.arriving is not None else 0

    def _try(self, step: Any, *given: Any) -> None:
        try:
            step(*given)
        except OSError as error:
            self.refuse(not_stored(error))

    def refuse(self, fault: str) -> None:
        self.close()
        self.arriving, self.fault = None, fault

    def close(self) -> None:
        if self.arriving is not None:
            self.arriving.drop()


class SealingHandler(FileUploadHandler):
    """Seals the form's one film. With `fault` it reads and forgets, so that the browser gets to see the answer."""

    def __init__(self, request: HttpRequest, fault: str = "") -> None:
        super().__init__(request)
        self.chunk_size = sealed.CHUNK
        self._fault = fault
        self._film: Arrived | None = None
        self._files = 0
        self._taking = self._parsing = False

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, boundary: bytes,  # noqa: N803
                         encoding: str | None = None) -> Any:
        """Parses with Django's own parser, from here, because only so is it known when that breaks off."""
        if self._parsing:
            return None
        self._parsing = True
        try:
            found = MultiPartParser(META, input_data, [self], encoding).parse()
        except BaseException:
            self.upload_interrupted()
            raise
        if self._film is not None and self._files > 1:
            self._film.refuse(ONE_FILM)
        return found

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._files += 1
        self._taking = self.field_name == FIELD and self._film is None
        if self._taking:
            self._film = Arrived(self.file_name or "", self._fault)
            self._film.begin()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._taking and self._film is not None:
            self._film.take(raw_data)

    def file_complete(self, file_size: int) -> Arrived | None:
        if not self._taking or self._film is None:
            return None
        self._film.finish()
        return self._film

    def upload_interrupted(self) -> None:
        if self._film is not None:
            self._film.close()
