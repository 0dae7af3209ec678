"""What can happen to a configuration. What only its owner sees (a draft) happens without a fact."""

from __future__ import annotations

from codesign.events.base import EVERYONE, NONE, Event, event


@event("configuration.published", EVERYONE)
class ConfigurationPublished(Event):
    """Everybody who may see the space can look at it, fork it and compare with it."""

    configuration_id: str
    product_id: str


@event("configuration.withdrawn", EVERYONE)
class ConfigurationWithdrawn(Event):
    """The idea that carried it is gone or hidden, and it with it."""

    configuration_id: str
    product_id: str


@event("configuration.forked", EVERYONE)
class ConfigurationForked(Event):
    """Somebody goes on from a published configuration; who is not said."""

    configuration_id: str
    from_id: str


@event("option.wished", NONE)
class OptionWished(Event):
    """Somebody keeps an option as a wish that their other choices rule out."""

    product_id: str
    option: str


@event("option.swapped", NONE)
class OptionSwapped(Event):
    """Somebody gave up options they had chosen to get another one that did not go with them."""

    product_id: str
    version_id: str
    option: str
    gave_up: list[str]


@event("option.swap_undone", NONE)
class OptionSwapUndone(Event):
    """Somebody took back that they gave up options for another one."""

    product_id: str
    version_id: str
    option: str
