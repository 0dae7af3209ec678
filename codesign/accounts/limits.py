"""How often somebody may try: per account, so that no password is guessed, and per address, so that no list is."""

from __future__ import annotations

from codesign.kernel.config import Settings
from codesign.kernel.limits import Buckets, Rate

ADDRESS_FACTOR = 5


class Tries:
    """Tries for accounts and from addresses, in this process."""

    def __init__(self, per_minute: int) -> None:
        self._accounts = Buckets(Rate(per_minute, per_minute))
        self._addresses = Buckets(Rate(per_minute * ADDRESS_FACTOR, per_minute * ADDRESS_FACTOR))

    def take(self, account: str, address: str | None) -> None:
        """Spend one try for *account* coming from *address* (None: not over the network); raises TooMany."""
        if address is not None:
            self._addresses.take(address)
        self._accounts.take(account)


#: Signing in and proving a password; asking for letters; making guests; keeping what was begun before signing in.
sign_ins = Tries(10)
letters = Tries(10)
guests = Buckets(Rate(600, 600))
kept = Buckets(Rate(60, 60))


def install(app: object, settings: Settings) -> None:
    """Take the numbers from *settings*."""
    global sign_ins, letters, guests, kept
    sign_ins, letters = Tries(settings.logins_per_minute), Tries(settings.logins_per_minute)
    by_address = Rate(settings.votes_per_minute_address, settings.votes_per_minute_address)
    guests, kept = Buckets(by_address), Buckets(by_address)
