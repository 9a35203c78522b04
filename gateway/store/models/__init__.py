"""Every table, one file a subject. Importing this package makes `Base.metadata` whole."""

from gateway.store.models import projection as projection
from gateway.store.models import submissions as submissions
