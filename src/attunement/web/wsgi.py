"""The WSGI door: `granian --interface wsgi attunement.web.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

from attunement.web import ending

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "attunement.web.settings")
ending.with_server()
application = get_wsgi_application()
