"""Measurements, as ratios in one run; run by hand, never part of the tests."""
