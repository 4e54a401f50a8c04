"""Tests that cross services."""
