"""Every address of Attunement. Each view declares who may open it; the door refuses one that does not."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.urls import include, path, re_path

from attunement.journey.people.permissions import page
from attunement.journey.people.roles import EVERYBODY, PUBLIC

STAGES = ["people", "referral", "consent", "surveys", "fieldwork", "arms", "substudies", "delivery", "films",
          "supervision", "outcomes", "oversight"]
handler500 = "attunement.web.middleware.went_wrong"
anyone, signed_in = page(PUBLIC), page(EVERYBODY)

urlpatterns = [
    *[path("", include(f"attunement.journey.{stage}.urls")) for stage in STAGES],
    path("accounts/login/", anyone(account.login), name="account_login"),
    path("accounts/logout/", anyone(account.logout), name="account_logout"),
    path("accounts/reauthenticate/", signed_in(account.reauthenticate), name="account_reauthenticate"),
    path("accounts/password/reset/", anyone(account.password_reset), name="account_reset_password"),
    path("accounts/password/reset/done/", anyone(account.password_reset_done), name="account_reset_password_done"),
    re_path(r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
            anyone(account.password_reset_from_key), name="account_reset_password_from_key"),
    path("accounts/password/reset/key/done/", anyone(account.password_reset_from_key_done),
         name="account_reset_password_from_key_done"),
    path("accounts/2fa/", signed_in(mfa.index), name="mfa_index"),
    path("accounts/2fa/authenticate/", anyone(mfa.authenticate), name="mfa_authenticate"),
    path("accounts/2fa/reauthenticate/", signed_in(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("accounts/2fa/totp/activate/", signed_in(totp.activate_totp), name="mfa_activate_totp"),
    path("accounts/2fa/totp/deactivate/", signed_in(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("accounts/2fa/recovery-codes/", signed_in(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("accounts/2fa/recovery-codes/generate/", signed_in(recovery.generate_recovery_codes),
         name="mfa_generate_recovery_codes"),
    path("accounts/2fa/recovery-codes/download/", signed_in(recovery.download_recovery_codes),
         name="mfa_download_recovery_codes"),
]
