"""The tests; a package, so that `tests.world` has one name everywhere."""
