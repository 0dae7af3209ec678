"""Privacy: take my data out, be forgotten, join a guest with an account."""
