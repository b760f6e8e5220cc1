"""Staff: people, the sites, the roles that people hold at them, and invitations."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from attunement.journey.people.roles import EVERYBODY, ROLES
from attunement.journey.trail import clock, versions

SHOWS_ARM = frozenset({"arms.see", "arms.list"})


class People(BaseUserManager["Person"]):
    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """Somebody on the staff. Families have no account: they use their own links."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    code = models.CharField(max_length=8, unique=True)
    is_active = models.BooleanField(default=True)
    is_staff = False
    is_superuser = False
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    objects = People()

    def __str__(self) -> str:
        return self.name

    @property
    def trail_name(self) -> str:
        return f"person:{self.pk}"

    @cached_property
    def held(self) -> list[Holding]:
        return list(self.holdings.filter(until=None).select_related("site")) if self.is_active else []

    def _granted(self) -> Iterator[tuple[Holding, frozenset[str]]]:
        """Each role held, with its rights in this study: masked roles never see an arm."""
        masked = {use.code for use in versions.current().roles if use.masked}
        for holding in self.held:
            rights = ROLES[holding.role].rights
            yield holding, rights - SHOWS_ARM if holding.role in masked else rights

    def _granted_at(self, site: str | None) -> Iterator[frozenset[str]]:
        """The rights of each role held that reaches as far as the site (None: of each)."""
        for holding, rights in self._granted():
            if site is None or ROLES[holding.role].everywhere or (holding.site and holding.site.code == site):
                yield rights

    def rights(self, site: str | None = None) -> set[str]:
        """What this person may do (at one site, or anywhere)."""
        return {EVERYBODY}.union(*self._granted_at(site)) if self.is_active else set()

    def may(self, right: str, site: str | None = None) -> bool:
        if right == EVERYBODY:
            return self.is_active
        return any(right in rights for rights in self._granted_at(site))

    def sites_with(self, right: str) -> set[str] | None:
        """The codes of the sites where this person holds the right; None means all of them."""
        codes: set[str] = set()
        for holding, rights in self._granted():
            if right in rights:
                if ROLES[holding.role].everywhere:
                    return None
                codes |= {holding.site.code} if holding.site else set()
        return codes

    def holds(self, role: str) -> bool:
        return any(holding.role == role for holding in self.held)


class Site(models.Model):
    code = models.CharField(max_length=3, unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Holding(models.Model):
    """A role that a person holds, at a site or (for roles of the whole study) at none."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="holdings")
    role = models.CharField(max_length=30, choices=[(code, role.title) for code, role in ROLES.items()])
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["person", "role", "site"], condition=models.Q(until=None),
                                               nulls_distinct=False, name="role_held_once")]


class Invitation(models.Model):
    """A new colleague's way in. Only the hash of its token is kept."""

    email = models.EmailField()
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=30)
    site = models.ForeignKey(Site, models.PROTECT, null=True)
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=clock.now)
    accepted_at = models.DateTimeField(null=True)
