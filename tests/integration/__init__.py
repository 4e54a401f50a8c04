"""Whole rounds on the real parts."""
