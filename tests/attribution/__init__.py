"""The attribution ladder: every way of getting credentials, what is provable, what is not.

`nights` builds the models in memory, once or night by night; `oracle` is a second, slow reading
of the same rules; `worlds` makes small random worlds.
"""
