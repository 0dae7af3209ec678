"""Configurations: what people compose out of a product's options, fork, compare, and publish as ideas.

A *configuration* is the set of decisions a person made in one version of a product: this option, not that one. What
follows from them is worked out by the engine of ``products`` and never stored as the truth. A *draft* is its owner's (and
of whom they give its link), may be partial, and never expires. It is *published* with the idea that carries it, and stands
still from then on; who wants to go on from there *forks* it. A *wish* is an option that the decisions rule out, kept all
the same: product teams see what their rules cost. A new version of the product offers every draft to move, with the
smallest repair, and never moves one by itself. A draft is *open to others* by a second key: its *partners* edit it along, its
log keeps every *edit*, and what two people chose at the same moment and does not go together is *contested*.

Announces ``configuration.published``, ``configuration.forked``, ``configuration.withdrawn``, ``option.wished``,
``option.swapped``, ``option.swap_undone``.
"""
