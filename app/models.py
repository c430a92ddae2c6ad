"""The one account model: customers and staff alike; what they may do is a matter of groups."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person with a password. Customers have no group, staff are in `agent` or `admin`."""
