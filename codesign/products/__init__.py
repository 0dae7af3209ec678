"""Products: what a product team offers people to compose.

A *product* has a *model*: groups with options, rules with a message for people, attributes (price, weight) in whole
numbers of their smallest unit. A model is written as text (YAML or JSON) or in a form, as the one *draft* a product has, and
*published* through a gate that says what is wrong with it and what it breaks. A published *version* never changes; its
hash names its content. A *withdrawn* product is not offered any more; what was composed of it stays readable. ``engine``
answers every question about a model and knows neither database nor web.

Announces ``product.created``, ``product.changed``, ``product.published``, ``product.withdrawn``, ``product.offered``,
``option.added``.
"""
