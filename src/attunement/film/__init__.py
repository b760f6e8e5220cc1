"""Films: what a file holds, its working copy, clips and reels of it, and the container that keeps it unreadable."""

from attunement.film.clips import RATE, Clip, frame_at, middle_of, time_of
from attunement.film.cutting import Cut, Part, cut, reel
from attunement.film.errors import FilmError
from attunement.film.look import Look, look
from attunement.film.preparing import Prepared, prepare
from attunement.film.probing import Probe, probe
from attunement.film.stills import still

__all__ = ["RATE", "Clip", "Cut", "FilmError", "Look", "Part", "Prepared", "Probe", "cut", "frame_at", "look", "middle_of",
           "prepare", "probe", "reel", "still", "time_of"]
