"""Every table, one file a subject. Importing this package makes `Base.metadata` whole."""

from gateway.store.models import access as access
from gateway.store.models import audit as audit
from gateway.store.models import notes as notes
from gateway.store.models import people as people
from gateway.store.models import projection as projection
from gateway.store.models import staff as staff
from gateway.store.models import submissions as submissions
from gateway.store.models import webhooks as webhooks
