"""Export to a CRM: who took part, what they asked for and voted, as far as each of them allowed it."""

from codesign.sdk import (
    CommentAdded,
    CommentHidden,
    CommentPublished,
    CommentRemoved,
    IdeaAnswered,
    IdeaEdited,
    IdeaHidden,
    IdeaMerged,
    IdeaPublished,
    IdeaUnmerged,
    IdeaWithdrawn,
    MemberAdded,
    MemberChanged,
    MemberRemoved,
    Plugin,
    StatusChanged,
    Task,
    VoteCast,
    VoteWithdrawn,
    _,
)

from . import api, demo, hooks, outbox, pages, pulling, sending
from .connector import Connector
from .connectors import OWN
from .events import ConnectionChanged, ConnectionPaused, ConsentGiven, ConsentWithdrawn
from .settings import CrmExportSettings

plugin = Plugin(
    name="crm_export",
    title=_("CRM export"),
    version="1.0.0",
    requires=">=1.0,<2",
    description=_("Tells your customer system who asked for what, as far as each person allowed it"),
    settings=CrmExportSettings,
    hooks=hooks,
    listens_to=(
        IdeaPublished, IdeaEdited, IdeaHidden, IdeaWithdrawn, IdeaMerged, IdeaUnmerged, IdeaAnswered, StatusChanged,
        CommentAdded, CommentPublished, CommentHidden, CommentRemoved, VoteCast, VoteWithdrawn, MemberAdded,
        MemberChanged, MemberRemoved, ConsentGiven, ConsentWithdrawn, ConnectionChanged,
    ),
    events=(ConsentGiven, ConsentWithdrawn, ConnectionChanged, ConnectionPaused),
    rules=OWN,
    rule_types=(Connector,),
    pages=pages.pages,
    api=api.api,
    tasks=(
        Task("send", every="1m", run=sending.send_due),
        Task("pull", every="15m", run=pulling.pull_due),
        Task("compare", every="1h", run=sending.compare),
        Task("tidy", every="1d", run=outbox.tidy),
    ),
    demo=demo.show,
    stores_personal_data=True,
)  # fmt: skip
