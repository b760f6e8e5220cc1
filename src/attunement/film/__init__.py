"""Films: what a file holds, where a clip lies, and the container that keeps both unreadable without their key."""

from attunement.film.clips import Clip, frame_at, middle_of, time_of
from attunement.film.errors import FilmError
from attunement.film.probing import Probe, probe

__all__ = ["Clip", "FilmError", "Probe", "frame_at", "middle_of", "probe", "time_of"]
