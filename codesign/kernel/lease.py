"""One worker leads per database: a row with a holder and an end, in the database's own time."""

from __future__ import annotations

from sqlalchemy import BigInteger, String, select
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel import clock
from codesign.kernel.db import Base, reading, session, verb

SECONDS = 15.0


class Lease(Base):
    """Who leads, and until when (milliseconds since 1970)."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    until: Mapped[int] = mapped_column(BigInteger)


def _database_time() -> int:
    from sqlalchemy import text

    if session().get_bind().dialect.name == "postgresql":
        return int(session().scalar(text("SELECT extract(epoch FROM clock_timestamp()) * 1000")) or 0)
    return round(clock.now().timestamp() * 1000)


@verb
def take(name: str, holder: str) -> bool:
    """Take or renew the lease *name* for SECONDS; False while another holder has it."""
    moment = _database_time()
    row = session().scalar(select(Lease).where(Lease.name == name).with_for_update())
    if row is None:
        session().add(Lease(name=name, holder=holder, until=moment + round(SECONDS * 1000)))
        return True
    if row.holder != holder and row.until > moment:
        return False
    row.holder, row.until = holder, moment + round(SECONDS * 1000)
    return True


@reading
def is_held(name: str) -> bool | None:
    """Whether anybody has the lease *name* now; None where nobody ever had it."""
    until = session().scalar(select(Lease.until).where(Lease.name == name))
    return None if until is None else until > _database_time()


@verb
def release(name: str, holder: str) -> None:
    """Give the lease back, so that another need not wait."""
    row = session().get(Lease, name)
    if row is not None and row.holder == holder:
        row.until = 0
