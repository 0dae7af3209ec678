"""What an administrator of the server does for plugins: let one rest, resume it, have things told again."""

from __future__ import annotations

from sqlalchemy import update

from codesign.events.base import SERVER
from codesign.events.log import head, record
from codesign.hooks import service
from codesign.hooks.events import PluginHeld, PluginReplayed, PluginResumed
from codesign.hooks.host import PluginHost
from codesign.hooks.models import PluginBookmark, PluginHold, PluginSetAside
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from codesign.kernel.text import _


def require_administrator(actor: Actor) -> None:
    """Refuse everybody else: Forbidden."""
    if not (actor.is_admin and actor.may("admin")):
        raise Forbidden(_("Only a server administrator may do that."))


def _known(host: PluginHost, name: str) -> None:
    if name not in host.plugins:
        raise NotFound(_("There is no plugin called %(name)s.", name=name))


@verb
def hold_plugin(actor: Actor, host: PluginHost, name: str) -> bool:
    """Let a plugin rest on the whole server until it is resumed; whether that changed anything.

    Every process obeys within seconds; what happens meanwhile it is told later.
    """
    require_administrator(actor)
    _known(host, name)
    row = session().get(PluginHold, name)
    if row is not None and row.held:
        return False
    session().merge(PluginHold(plugin=name, held=True, wished_at=clock.now()))
    record(PluginHeld(SERVER, plugin=name), actor)
    return True


@verb
def resume_plugin(actor: Actor, host: PluginHost, name: str) -> None:
    """End a plugin's rest, of whatever kind, and ask it again at once, in every process and every space."""
    require_administrator(actor)
    _known(host, name)
    session().merge(PluginHold(plugin=name, held=False, wished_at=clock.now()))
    session().execute(update(PluginBookmark).where(PluginBookmark.plugin == name).values(next_try_at=None, aside=0))
    record(PluginResumed(SERVER, plugin=name), actor)


@verb
def replay_from(actor: Actor, host: PluginHost, space_id: str, name: str, after: int = 0) -> None:
    """Tell a plugin a space's history again, from the fact after number *after* on; Invalid past the end of the log."""
    require_administrator(actor)
    _known(host, name)
    last = head(space_id)
    if not 0 <= after <= last:
        raise Invalid.field("after", _("Choose a number from 0 to %(last)s.", last=last))
    service.replay(host, space_id, name, after)
    record(PluginReplayed(space_id, plugin=name, after=after), actor)


@verb
def tell_again(actor: Actor, host: PluginHost, space_id: str, name: str, seq: int) -> None:
    """Have the worker tell a plugin one event once more that was set aside; NotFound when it was not."""
    require_administrator(actor)
    _known(host, name)
    row = session().get(PluginSetAside, (name, space_id, seq))
    if row is None:
        raise NotFound(_("This event is not set aside (any more)."))
    if row.again:
        raise Conflict(_("The worker is about to tell it again."))
    row.again = True
