"""Owns messages and their delivery.
Consumes participants, rounds and pairings.
Produces messages and receipts.
"""
